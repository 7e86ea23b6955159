import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { CannedResponse, Media } from '../types';
import { after, PAGE, pageByPage } from './pages';

/** Keys of canned responses. */
export const cannedKeys = {
  all: ['canned-responses'] as const,
  list: (words: string) => ['canned-responses', 'list', words] as const,
};

/** The account's canned responses whose code or text has the words. */
export function cannedList(words: string) {
  return infiniteQueryOptions({
    queryKey: cannedKeys.list(words),
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET('/v1/canned-responses', { params: { query: { limit: PAGE, ...(words !== '' && { q: words }), ...after(pageParam) } }, signal })),
    ...pageByPage,
  });
}

/** Changes a canned response, or makes one without an id. */
export function saveCanned(id: number | undefined, body: { code: string; text: string; media_ids: number[] }): Promise<CannedResponse> {
  return id === undefined ? ask(api.POST('/v1/canned-responses', { body })) : ask(api.PATCH('/v1/canned-responses/{id}', { params: { path: { id } }, body }));
}

/** Deletes a canned response. */
export function deleteCanned(id: number): Promise<unknown> {
  return ask(api.DELETE('/v1/canned-responses/{id}', { params: { path: { id } } }));
}

/** Uploads a file. */
export function uploadFile(file: File): Promise<Media> {
  const body = new FormData();
  body.append('file', file, file.name);
  // The contract describes a form of files, which its types do not: the form is the body as it is.
  return ask(api.POST('/v1/media', { body: body as never, bodySerializer: (form: unknown) => form as FormData }));
}
