import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { CalendarHours, HoursDay } from '../types';

/** All opening hours of the account, with how they stand now. */
export const hoursQuery = queryOptions({
  queryKey: ['settings', 'hours'],
  queryFn: ({ signal }) => ask(api.GET('/v1/hours', { signal })),
  refetchInterval: 60_000,
});

/** The holidays of Brazil in a year. */
export function holidaysQuery(year: number) {
  return queryOptions({
    queryKey: ['holidays', year],
    queryFn: ({ signal }) => ask(api.GET('/v1/holidays', { params: { query: { year } }, signal })),
    staleTime: Infinity,
  });
}

/** Changes the account's hours: what is given. */
export function changeHours(body: { enabled?: boolean; holidays?: HoursDay[]; hours?: CalendarHours; always_open?: boolean }): Promise<unknown> {
  return ask(api.PATCH('/v1/hours', { body }));
}

/** Gives a connection or a queue hours of its own, or takes them away. */
export function saveOwnHours(owner: 'connection' | 'queue', id: number, hours: CalendarHours | undefined): Promise<unknown> {
  return ask(api.PUT('/v1/hours/{owner}/{id}', { params: { path: { owner, id } }, body: { ...(hours && { hours }) } }));
}
