import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** Keys of contacts. */
export const contactKeys = {
  one: (id: number) => ['contacts', id] as const,
};

/** A contact with how providers know it. */
export function contactQuery(id: number) {
  return queryOptions({
    queryKey: contactKeys.one(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/contacts/{id}', { params: { path: { id } }, signal })),
  });
}
