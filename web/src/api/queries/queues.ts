import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** Keys of queues. */
export const queueKeys = {
  all: ['queues'] as const,
};

/** The account's queues, in the order of the bot's menu. */
export const queuesQuery = queryOptions({
  queryKey: queueKeys.all,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/queues', { params: { query: { limit: 100 } }, signal }))).data,
  staleTime: 5 * 60_000,
});
