import { useSyncExternalStore } from 'react';
import { z } from 'zod/mini';

const KEY = 'perene.preferences';

/** How this browser shows the console: another screen of the same person may want it otherwise. */
const device = {
  theme: z._default(z.enum(['system', 'light', 'dark']), 'system'),
  language: z._default(z.enum(['pt-BR', 'en']), 'pt-BR'),
  density: z._default(z.enum(['comfortable', 'compact']), 'comfortable'),
  /** Whether the panel beside a conversation is open on wide screens. */
  details: z._default(z.boolean(), true),
};

/** How one works, on every device. The server keeps it, and this browser has a copy for its first paint. */
const own = {
  /** WCAG 2.1.4: shortcuts of a single key can be turned off. */
  singleKeys: z._default(z.boolean(), true),
  /** Whether Enter sends an answer; Shift+Enter and, when it does not, Enter begin a new line. */
  enterSends: z._default(z.boolean(), true),
  /** Whether a voice note is heard once more before it leaves (rule 117). */
  confirmAudio: z._default(z.boolean(), false),
  /** What follows an answer, as it was chosen last. */
  afterSend: z._default(z.enum(['send', 'close', 'snooze']), 'send'),
  /** For so many seconds an answer can be taken back. */
  sendDelay: z._default(z.number().check(z.minimum(0), z.maximum(10)), 0),
  /** Whether a message is heard while the console is out of sight (rule 238). */
  sounds: z._default(z.boolean(), true),
  /** How the list is sorted where the address does not say it. */
  order: z._default(z.enum(['recent', 'oldest', 'opened_recent', 'opened_oldest']), 'recent'),
  /** Whether conversations are looked at without being marked as read. */
  watching: z._default(z.boolean(), false),
};

const schema = z.object({
  ...device,
  ...own,
  /** Whose copy it is. */
  owner: z.optional(z.number()),
  /** What was changed here and has not reached the server. */
  unsaved: z._default(z.array(z.string()), []),
});

/** How this browser shows the console, and how one works. */
export type Preferences = z.infer<typeof schema>;

/** A preference that the server keeps. */
export type OwnPreference = keyof typeof own;

/** The preferences that the server keeps. */
export const OWN = Object.keys(own) as OwnPreference[];

const isOwn = (name: string): name is OwnPreference => name in own;

function read(): Preferences {
  try {
    const parsed = schema.safeParse(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
    if (parsed.success) return parsed.data;
  } catch {
    // A broken or forbidden store means the defaults.
  }
  return schema.parse({});
}

/** What is preferred by who chose nothing. */
export const DEFAULTS = schema.parse({});

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

/** Tells outside of React when preferences change, until the answer is called. */
export function onPreferences(follow: (now: Preferences, before: Preferences) => void): () => void {
  followers.add(follow);
  return () => followers.delete(follow);
}

function keep(next: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
  become(next);
}

/** Changes some preferences, keeps them and tells everybody. What the server keeps is saved there too, see preferences-sync.ts. */
export function setPreferences(change: Partial<Omit<Preferences, 'owner' | 'unsaved'>>): void {
  keep({ ...current, ...change, unsaved: [...new Set([...current.unsaved, ...Object.keys(change).filter(isOwn)])] });
}

/**
 * Takes over what the server has: it wins, except over what was changed here and has not reached it. A copy of another person
 * is forgotten, and theirs is never saved for this one.
 */
export function adoptPreferences(owner: number, server: Partial<Preferences>): void {
  const another = current.owner !== undefined && current.owner !== owner;
  const defaults = another ? Object.fromEntries(OWN.map((name) => [name, DEFAULTS[name]])) : {};
  const unsaved = another ? [] : current.unsaved;
  const news = Object.fromEntries(Object.entries(server).filter(([name]) => !unsaved.includes(name)));
  const next = { ...current, ...defaults, ...news, owner, unsaved };
  if (JSON.stringify(next) !== JSON.stringify(current)) keep(next);
}

/** Says that changes have reached the server, unless they were changed again. */
export function savedPreferences(saved: Partial<Preferences>): void {
  const still = current.unsaved.filter((name) => !isOwn(name) || !(name in saved) || saved[name] !== current[name]);
  if (still.length !== current.unsaved.length) keep({ ...current, unsaved: still });
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
