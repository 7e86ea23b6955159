import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';

/** The key of one's own profile. */
export const profileKey = ['profile'] as const;

/** One's own profile: the closing text, and what one prefers. */
export const profileQuery = queryOptions({
  queryKey: profileKey,
  queryFn: ({ signal }) => ask(api.GET('/v1/me', { signal })),
  staleTime: 5 * 60_000,
});

/** Keeps the text that fills the closing text; blank removes it. */
export function saveClosingText(text: string) {
  return ask(api.PATCH('/v1/me', { body: { closing_text: text } }));
}
