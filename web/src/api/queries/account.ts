import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** The key of the account. */
export const accountKey = ['account'] as const;

/** The account's limits with what is used of each. */
export const quotasQuery = queryOptions({
  queryKey: ['quotas'],
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/account/quotas', { signal }))).data,
});

/** The account with its own fields of contacts. */
export const accountQuery = queryOptions({
  queryKey: accountKey,
  queryFn: ({ signal }) => ask(api.GET('/v1/account', { signal })),
  staleTime: 5 * 60_000,
});
