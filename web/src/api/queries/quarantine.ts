import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import { after, PAGE, pageByPage } from './pages';

/** Keys of the quarantine. */
export const quarantineKeys = {
  all: ['quarantine'] as const,
  list: (resolved: boolean) => ['quarantine', resolved] as const,
};

/** What could not be taken in. */
export function quarantineQuery(resolved: boolean) {
  return infiniteQueryOptions({
    queryKey: quarantineKeys.list(resolved),
    queryFn: ({ pageParam, signal }) => ask(api.GET('/v1/quarantine', { params: { query: { resolved, limit: PAGE, ...after(pageParam) } }, signal })),
    ...pageByPage,
  });
}
