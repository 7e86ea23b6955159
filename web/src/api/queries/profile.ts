import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { Profile } from '../types';

/** The key of one's own profile. */
export const profileKey = ['profile'] as const;

/** One's own profile: the closing text, and what one prefers. */
export const profileQuery = queryOptions({
  queryKey: profileKey,
  queryFn: ({ signal }) => ask(api.GET('/v1/me', { signal })),
  // Another device may change it, and nothing is told: it is read again when the window gets the focus.
  staleTime: 60_000,
});

/** Keeps how one works. What is left out stays. */
export function savePreferences(preferences: Profile['preferences']) {
  return ask(api.PATCH('/v1/me', { body: { preferences } }));
}

/** Keeps the text that fills the closing text; blank removes it. */
export function saveClosingText(text: string) {
  return ask(api.PATCH('/v1/me', { body: { closing_text: text } }));
}

/** Keeps the connection that one writes by where none is chosen; 0: the account's. */
export function saveDefaultConnection(connection: number) {
  return ask(api.PATCH('/v1/me', { body: { default_connection_id: connection } }));
}
