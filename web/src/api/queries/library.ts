import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { LibraryFile } from '../types';
import { after, PAGE, pageByPage } from './pages';

/** What narrows the library. A folder of no name has the files that are in none. */
export interface LibraryFilters {
  q?: string;
  folder?: string;
  kind?: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker';
}

/** Keys of the library. */
export const libraryKeys = {
  all: ['library'] as const,
  list: (filters: LibraryFilters) => ['library', 'files', filters] as const,
  folders: ['library', 'folders'] as const,
};

/** The account's files, newest first. What was shown before stays while more is typed. */
export function libraryQuery(filters: LibraryFilters) {
  return infiniteQueryOptions({
    queryKey: libraryKeys.list(filters),
    queryFn: ({ pageParam, signal }) => ask(api.GET('/v1/library', { params: { query: { limit: PAGE, ...filters, ...after(pageParam) } }, signal })),
    ...pageByPage,
    placeholderData: (before) => before,
  });
}

/** The library's folders by name, with how many files each has. */
export const foldersQuery = queryOptions({
  queryKey: libraryKeys.folders,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/library/folders', { params: { query: { limit: 100 } }, signal }))).data,
});

/** Puts a file into the library. */
export function addToLibrary(body: { media_id: number; name?: string; folder?: string }): Promise<LibraryFile> {
  return ask(api.POST('/v1/library', { body }));
}

/** Renames a file of the library, or moves it to another folder. */
export function changeInLibrary(id: number, body: { name?: string; folder?: string }): Promise<LibraryFile> {
  return ask(api.PATCH('/v1/library/{id}', { params: { path: { id } }, body }));
}

/** Takes a file out of the library. What was sent with it keeps it. */
export function removeFromLibrary(id: number): Promise<unknown> {
  return ask(api.DELETE('/v1/library/{id}', { params: { path: { id } } }));
}
