import { useSyncExternalStore } from 'react';
import { z } from 'zod/mini';

const KEY = 'perene.preferences';

const schema = z.object({
  theme: z._default(z.enum(['system', 'light', 'dark']), 'system'),
  language: z._default(z.enum(['pt-BR', 'en']), 'pt-BR'),
  density: z._default(z.enum(['comfortable', 'compact']), 'comfortable'),
  /** WCAG 2.1.4: shortcuts of a single key can be turned off. */
  singleKeys: z._default(z.boolean(), true),
  /** Whether the panel beside a conversation is open on wide screens. */
  details: z._default(z.boolean(), true),
  /** Whether Enter sends an answer; Shift+Enter and, when it does not, Enter begin a new line. */
  enterSends: z._default(z.boolean(), true),
  /** Whether a voice note is heard once more before it leaves (rule 117). */
  confirmAudio: z._default(z.boolean(), false),
  /** What follows an answer, as it was chosen last. */
  afterSend: z._default(z.enum(['send', 'close', 'snooze']), 'send'),
});

/** How this browser shows the console. Kept in the browser: it holds nothing of the account. */
export type Preferences = z.infer<typeof schema>;

function read(): Preferences {
  try {
    const parsed = schema.safeParse(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
    if (parsed.success) return parsed.data;
  } catch {
    // A broken or forbidden store means the defaults.
  }
  return schema.parse({});
}

let current = read();
const listeners = new Set<() => void>();
const followers = new Set<(now: Preferences, before: Preferences) => void>();
const darkQuery = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined;

/** Writes theme, density and language onto the document, as public/theme.js does before the first paint. */
export function applyPreferences(): void {
  const root = document.documentElement;
  const dark = current.theme === 'dark' || (current.theme === 'system' && (darkQuery?.matches ?? false));
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.density = current.density;
  root.lang = current.language;
}

/** The preferences outside of React. */
export function preferences(): Preferences {
  return current;
}

function become(next: Preferences): void {
  const before = current;
  current = next;
  applyPreferences();
  for (const follow of followers) follow(next, before);
  for (const listener of listeners) listener();
}

/** Tells outside of React when preferences change. */
export function onPreferences(follow: (now: Preferences, before: Preferences) => void): void {
  followers.add(follow);
}

/** Changes some preferences, keeps them and tells everybody. */
export function setPreferences(change: Partial<Preferences>): void {
  const next = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
  become(next);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

darkQuery?.addEventListener('change', applyPreferences);
addEventListener('storage', (event) => {
  if (event.key === KEY) become(read());
});

/** The preferences, live: other tabs change them too. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}
