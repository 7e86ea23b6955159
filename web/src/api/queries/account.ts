import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** The account with its own fields of contacts. */
export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: ({ signal }) => ask(api.GET('/v1/account', { signal })),
  staleTime: 5 * 60_000,
});
