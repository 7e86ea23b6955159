import type { InfiniteData } from '@tanstack/react-query';

/** One page as the API answers it. */
export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  has_more: boolean;
}

/** What the cache keeps of a list that is read page by page. */
export type Pages<T> = InfiniteData<Page<T>, string>;

/** How many rows a page of a list has. */
export const PAGE = 50;

/** The part of a list's query options that is the same for every list: it begins without a cursor and goes on with the page's. */
export const pageByPage = {
  initialPageParam: '',
  getNextPageParam: (last: { has_more: boolean; next_cursor: string | null }) => (last.has_more ? last.next_cursor : null),
};

/** The cursor as a parameter: the first page has none. */
export function after(cursor: string): { cursor?: string } {
  return cursor === '' ? {} : { cursor };
}

/** Every row of every loaded page, in order. */
export function flatten<T>(pages: InfiniteData<Page<T>, unknown> | undefined): T[] {
  return pages?.pages.flatMap((page) => page.data) ?? [];
}
