import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { operations } from '../schema.gen';
import type { BulkJob } from '../types';
import { after, PAGE, pageByPage } from './pages';

/** What begins a job. */
export type BulkStart = operations['start-bulk-job']['requestBody']['content']['application/json'];

/** Keys of bulk jobs. */
export const bulkKeys = {
  all: ['bulk-jobs'] as const,
  list: ['bulk-jobs', 'list'] as const,
  refusals: (id: number) => ['bulk-jobs', 'refusals', id] as const,
};

/** One's latest jobs. */
export const bulkJobsQuery = queryOptions({
  queryKey: bulkKeys.list,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/bulk-jobs', { signal }))).data,
});

/** What a job did not do, and why. */
export function bulkRefusals(id: number) {
  return infiniteQueryOptions({
    queryKey: bulkKeys.refusals(id),
    queryFn: ({ pageParam, signal }) => ask(api.GET('/v1/bulk-jobs/{id}/refusals', { params: { path: { id }, query: { limit: PAGE, ...after(pageParam) } }, signal })),
    ...pageByPage,
  });
}

/** Begins a job. */
export function startBulkJob(body: BulkStart): Promise<BulkJob> {
  return ask(api.POST('/v1/bulk-jobs', { body }));
}

/** Ends a job that runs, or takes back what one did. */
export function turnBulkJob(id: number, to: 'cancel' | 'undo'): Promise<BulkJob> {
  const params = { path: { id } };
  return to === 'cancel' ? ask(api.POST('/v1/bulk-jobs/{id}/cancel', { params })) : ask(api.POST('/v1/bulk-jobs/{id}/undo', { params }));
}
