import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { AutoText } from '../types';

/** The automatic texts of the account and its connections, with what goes out when. */
export const automaticTextsQuery = queryOptions({
  queryKey: ['settings', 'automatic-texts'],
  queryFn: ({ signal }) => ask(api.GET('/v1/automatic-texts', { signal })),
});

/** Texts by kind. */
export type Texts = Partial<Record<AutoText, string>>;

/** Changes the texts of a connection, or without one those of the account. */
export function saveAutomaticTexts(body: { connection_id?: number; texts?: Texts; out_of_hours_opens_tickets?: boolean }): Promise<unknown> {
  return ask(api.PUT('/v1/automatic-texts', { body }));
}
