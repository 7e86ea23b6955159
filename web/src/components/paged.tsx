import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { flatten, type Page } from '@/api/queries/pages';
import { Button } from './button';
import { ErrorState, LoadingRows } from './view-state';

/** What of a query that reads page by page is used: useInfiniteQuery gives it. */
export interface PagedQuery<T> {
  data: { pages: Page<T>[]; pageParams: unknown[] } | undefined;
  isPending: boolean;
  isError: boolean;
  error: unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  refetch: () => unknown;
  fetchNextPage: () => unknown;
}

/**
 * The four faces of a list that is read page by page (keyset cursors): loading, error, empty, and its rows with a button for
 * the next page. A page that could not be read leaves the rows that are there.
 */
export function Paged<T>({ query, empty, loadingRows = 6, children }: { query: PagedQuery<T>; empty: ReactNode; loadingRows?: number; children: (rows: T[]) => ReactNode }) {
  const { t } = useTranslation();
  const rows = flatten(query.data);
  if (query.isPending) return <LoadingRows rows={loadingRows} />;
  if (query.isError && rows.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (rows.length === 0) return empty;
  return (
    <>
      {children(rows)}
      {query.isFetchNextPageError && (
        <p role="alert" className="mt-3 text-center text-sm text-bad">
          {t('kit.moreFailed')}
        </p>
      )}
      {query.hasNextPage && (
        <p className="mt-4 text-center">
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? t('app.loading') : t('app.loadMore')}
          </Button>
        </p>
      )}
    </>
  );
}
