import type { InfiniteData } from '@tanstack/react-query';

/** One page as the API answers it. */
export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  has_more: boolean;
}

/** What the cache keeps of a list that is read page by page. */
export type Pages<T> = InfiniteData<Page<T>, string>;

/** Every row of every loaded page, in order. */
export function flatten<T>(pages: InfiniteData<Page<T>, unknown> | undefined): T[] {
  return pages?.pages.flatMap((page) => page.data) ?? [];
}
