import type { QueryClient } from '@tanstack/react-query';
import { z } from 'zod/mini';
import { agentKeys } from './queries/agents';
import { conversationKeys } from './queries/conversations';
import { labelKeys } from './queries/labels';
import type { Pages } from './queries/pages';
import { queueKeys } from './queries/queues';
import { meKey, meQuery } from './queries/sign-in';
import type { Me } from './types';

const KEY = 'perene.last-seen';
/** Older than this it says nothing of the inbox any more. */
const KEPT_MS = 12 * 3_600_000;
// What one build has kept another one does not read: shapes may have changed between them.
const BUILD = new URL(import.meta.url).pathname;

const schema = z.object({ build: z.literal(BUILD), at: z.number(), user: z.number(), queries: z.array(z.tuple([z.array(z.unknown()), z.unknown()])) });

function isPages(data: unknown): data is Pages<unknown> {
  return typeof data === 'object' && data !== null && 'pages' in data;
}

/** The first page of a list is what is painted first; the rest is read when somebody scrolls there. */
function firstPage(data: unknown): unknown {
  return isPages(data) ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) } : data;
}

/** Forgets what was on screen: nobody is signed in any more. */
export function forgetLastSeen(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // A window that keeps nothing has nothing to forget.
  }
}

/** Keeps what is on screen in this tab, until it is closed or the user signs out. */
export function keepLastSeen(client: QueryClient): void {
  const me = client.getQueryData<Me>(meKey);
  if (!me) return;
  const keys = [meKey, conversationKeys.lists, conversationKeys.counts, queueKeys.all, labelKeys.all, agentKeys.all];
  const queries = keys.flatMap((queryKey) =>
    client
      .getQueryCache()
      .findAll({ queryKey, type: 'active' })
      .filter((query) => query.state.status === 'success')
      .map((query) => [query.queryKey, firstPage(query.state.data)]),
  );
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ build: BUILD, at: Date.now(), user: me.user.id, queries }));
  } catch {
    // Full or forbidden: the next load begins without it.
  }
}

/**
 * Paints what this tab last had on screen before the server has answered, and has all of it read again. If somebody else is
 * signed in by now, the page starts over without it.
 */
export function restoreLastSeen(client: QueryClient, startOver: () => void): void {
  let kept: z.infer<typeof schema> | undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? 'null'));
    if (parsed.success && Date.now() - parsed.data.at < KEPT_MS) kept = parsed.data;
  } catch {
    return;
  }
  if (!kept) return;
  const { user } = kept;
  for (const [key, data] of kept.queries) client.setQueryData(key, data, { updatedAt: 1 });
  client.fetchQuery({ ...meQuery, staleTime: 0 }).then(
    (me) => {
      if (me.user.id === user) return;
      forgetLastSeen();
      startOver();
    },
    () => undefined, // the sign-in has ended, or there is no network: the console says so
  );
}
