import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** Keys of agents. */
export const agentKeys = {
  all: ['agents'] as const,
};

/** Who may get a ticket. */
export const agentsQuery = queryOptions({
  queryKey: agentKeys.all,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/agents', { params: { query: { limit: 100 } }, signal }))).data,
  staleTime: 5 * 60_000,
});
