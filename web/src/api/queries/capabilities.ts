import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import { ApiError } from '../problem';

/** What a connection's channel can do, with its limits; undefined for who may not read it. */
export function capabilitiesQuery(connection: number) {
  return queryOptions({
    queryKey: ['connections', connection, 'capabilities'],
    queryFn: async ({ signal }) => {
      try {
        return await ask(api.GET('/v1/connections/{id}/capabilities', { params: { path: { id: connection } }, signal }));
      } catch (cause) {
        if (cause instanceof ApiError && cause.status === 403) return null;
        throw cause;
      }
    },
    select: (found) => found ?? undefined,
    staleTime: 10 * 60_000,
  });
}
