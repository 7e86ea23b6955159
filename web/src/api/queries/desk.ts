import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

// What people choose from while they serve. These lists change rarely and are told by settings.updated.
const STALE_MS = 5 * 60_000;

/** Keys of the lists that people choose from. */
export const deskKeys = {
  all: ['desk'] as const,
  reasons: ['desk', 'closing-reasons'] as const,
  fields: ['desk', 'custom-fields'] as const,
};

/** The reasons a ticket can be closed with. */
export const reasonsQuery = queryOptions({
  queryKey: deskKeys.reasons,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/closing-reasons', { signal }))).data,
  staleTime: STALE_MS,
});

/** The account's own fields. */
export const fieldsQuery = queryOptions({
  queryKey: deskKeys.fields,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/custom-fields', { signal }))).data,
  staleTime: STALE_MS,
});
