import { useSyncExternalStore } from 'react';

/** What a person does in a conversation. */
export type PresenceState = 'looking' | 'writing' | 'gone';

/** Somebody who is in a conversation now. */
export interface Present {
  id: number;
  name: string;
  state: Exclude<PresenceState, 'gone'>;
  /** Until when it counts, by this browser's clock. */
  until: number;
}

/** It is told again once a minute by those who look, and every 20 seconds by those who write. */
const LASTS_MS = { looking: 75_000, writing: 30_000 } as const;

const NOBODY: readonly Present[] = [];
const rooms = new Map<number, readonly Present[]>();
const listeners = new Set<() => void>();
const arrivals = new Set<(conversation: number, user: number) => void>();

function become(conversation: number, people: readonly Present[]): void {
  if (people.length === 0) rooms.delete(conversation);
  else rooms.set(conversation, people);
  for (const listener of listeners) listener();
}

/** Takes over what the stream told of somebody. What it cannot read is left out. */
export function hearPresence(conversation: number, data: unknown, now = Date.now()): void {
  const { user, state } = (data ?? {}) as { user?: { id?: unknown; name?: unknown }; state?: unknown };
  if (typeof user?.id !== 'number' || typeof user.name !== 'string') return;
  const { id, name } = user;
  const before = rooms.get(conversation) ?? NOBODY;
  const others = before.filter((each) => each.id !== id && each.until > now);
  if (state !== 'looking' && state !== 'writing') {
    if (others.length !== before.length) become(conversation, others);
    return;
  }
  const lasts = LASTS_MS[state];
  const present: Present = { id, name, state, until: now + lasts };
  become(conversation, [...others, present].sort((a, b) => a.id - b.id));
  setTimeout(() => {
    const left = (rooms.get(conversation) ?? NOBODY).filter((each) => each.until > Date.now());
    if (left.length !== rooms.get(conversation)?.length) become(conversation, left);
  }, lasts + 50);
  if (!before.some((each) => each.id === id)) for (const arrived of arrivals) arrived(conversation, id);
}

/** Hears of each person who was not in a conversation before. The answer ends it. */
export function onArrival(arrived: (conversation: number, user: number) => void): () => void {
  arrivals.add(arrived);
  return () => arrivals.delete(arrived);
}

/** Who is in a conversation, live. */
export function usePresent(conversation: number): readonly Present[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => rooms.get(conversation) ?? NOBODY,
  );
}
