import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { defaultFilter } from 'cmdk';
import { useDeferredValue } from 'react';
import { api, ask } from '@/api/client';
import { conversationKeys } from '@/api/queries/conversations';
import { flatten, type Pages } from '@/api/queries/pages';
import type { Conversation } from '@/api/types';

/** How many hits a group of the bar shows. */
const HITS = 6;

/** What a sign at the beginning narrows the bar to. */
export type Narrowed = 'all' | 'commands' | 'tickets' | 'people';

const SIGNS: Record<string, Narrowed> = { '>': 'commands', '#': 'tickets', '@': 'people' };

/** What was typed, without the sign before it, and what the sign narrows to. */
export function narrowed(typed: string): { to: Narrowed; text: string } {
  const to = SIGNS[typed.charAt(0)];
  return to ? { to, text: typed.slice(1).trim() } : { to: 'all', text: typed.trim() };
}

/** Words as they are compared: without accents and capitals. */
export function folded(words: string): string {
  return words
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLocaleLowerCase();
}

/** How well words match what is typed, whatever accents either has: 0 not at all, 1 wholly. */
export function score(words: string, text: string): number {
  return text === '' ? 1 : (defaultFilter?.(folded(words), folded(text)) ?? 0);
}

/** Those that match, the best first; without a text all of them, as they come. */
export function matching<T extends { found: string }>(entries: readonly T[], text: string): { best: number; entries: T[] } {
  const scored = entries.map((entry) => ({ entry, at: score(entry.found, text) })).filter(({ at }) => at > 0);
  if (text !== '') scored.sort((a, b) => b.at - a.at);
  return { best: scored[0]?.at ?? 0, entries: scored.map(({ entry }) => entry) };
}

function known(client: QueryClient): Conversation[] {
  const byId = new Map<number, Conversation>();
  for (const [, pages] of client.getQueriesData<Pages<Conversation>>({ queryKey: conversationKeys.lists })) {
    for (const each of flatten(pages)) byId.set(each.id, each);
  }
  return [...byId.values()];
}

/** Conversations that match: those in memory at once, after "#" the server's too, which knows numbers and protocols. */
export function useTickets(to: Narrowed, text: string): Conversation[] {
  const client = useQueryClient();
  const asked = useDeferredValue(text);
  const found = useQuery({
    queryKey: ['command-bar', 'tickets', asked],
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/conversations', { params: { query: { q: asked, limit: HITS } }, signal }))).data,
    enabled: to === 'tickets' && asked !== '',
    staleTime: 10_000,
  });
  if (to === 'commands' || to === 'people' || text === '') return [];
  const wanted = folded(text);
  const here = known(client).filter(
    ({ contact, number, ticket }) =>
      folded(contact.name).includes(wanted) || String(number).startsWith(text) || (ticket?.protocol.includes(text) ?? false),
  );
  const ids = new Set(here.map(({ id }) => id));
  return [...here, ...(to === 'tickets' ? (found.data ?? []).filter(({ id }) => !ids.has(id)) : [])].slice(0, HITS);
}

/** People after "@", by name, phone or e-mail. */
export function usePeople(to: Narrowed, text: string) {
  const asked = useDeferredValue(text);
  const found = useQuery({
    queryKey: ['command-bar', 'people', asked],
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/contacts', { params: { query: { q: asked, limit: HITS } }, signal }))).data,
    enabled: to === 'people' && asked !== '',
    staleTime: 10_000,
  });
  return to === 'people' && text !== '' ? (found.data ?? []) : [];
}

/** The number of the newest conversation with somebody. */
export async function numberOf(contact: number): Promise<number | undefined> {
  return (await ask(api.GET('/v1/conversations', { params: { query: { contact_id: contact, limit: 1 } } }))).data[0]?.number;
}
