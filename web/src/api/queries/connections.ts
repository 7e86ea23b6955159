import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** Keys of connections. */
export const connectionKeys = {
  all: ['connections'] as const,
};

/** The account's connections. */
export const connectionsQuery = queryOptions({
  queryKey: connectionKeys.all,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/connections', { params: { query: { limit: 100 } }, signal }))).data,
});
