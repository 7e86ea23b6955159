import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** Keys of templates. */
export const templateKeys = {
  all: ['templates'] as const,
  of: (connection: number) => ['templates', connection] as const,
};

/** A connection's templates. */
export function templatesQuery(connection: number) {
  return queryOptions({
    queryKey: templateKeys.of(connection),
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/v1/templates', { params: { query: { connection_id: connection, limit: 100 } }, signal }))).data,
  });
}
