import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** Keys of drafts. */
export const draftKeys = {
  lists: ['drafts', 'list'] as const,
};

/** What the user has begun to write and not sent, by conversation. */
export const draftListQuery = queryOptions({
  queryKey: draftKeys.lists,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/drafts', { params: { query: { limit: 100 } }, signal }))).data,
});
