import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** Keys of labels. */
export const labelKeys = {
  all: ['labels'] as const,
};

/** The account's labels, in their order. */
export const labelsQuery = queryOptions({
  queryKey: labelKeys.all,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/labels', { signal }))).data,
  staleTime: 5 * 60_000,
});
