import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';
import { api, ask } from '../client';
import { ApiError } from '../problem';
import type { Conversation } from '../types';
import type { operations } from '../schema.gen';
import { after, flatten, PAGE, pageByPage, type Pages } from './pages';

/** What a list of conversations is narrowed to. */
export type ConversationFilters = Omit<NonNullable<operations['list-conversations']['parameters']['query']>, 'limit' | 'cursor' | 'number'>;

/** How often counts are asked for again when nothing told of a change. */
const COUNT_EVERY_MS = 60_000;

/** Keys of conversations. */
export const conversationKeys = {
  all: ['conversations'] as const,
  lists: ['conversations', 'list'] as const,
  list: (filters: ConversationFilters) => ['conversations', 'list', filters] as const,
  numbers: ['conversations', 'number'] as const,
  number: (number: number) => ['conversations', 'number', number] as const,
  counts: ['conversations', 'counts'] as const,
};

/** The list of conversations, the one with the newest message first. */
export function conversationsQuery(filters: ConversationFilters) {
  return infiniteQueryOptions({
    queryKey: conversationKeys.list(filters),
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET('/v1/conversations', { params: { query: { ...filters, limit: PAGE, ...after(pageParam) } }, signal })),
    ...pageByPage,
  });
}

/** How many conversations each view has, narrowed like a list. Asked again now and then: an event that was lost is found so. */
export function countsQuery(filters: ConversationFilters) {
  return queryOptions({
    queryKey: [...conversationKeys.counts, filters],
    queryFn: ({ signal }) => ask(api.GET('/v1/conversations/counts', { params: { query: filters }, signal })),
    refetchInterval: COUNT_EVERY_MS,
  });
}

/** The conversation as a list with these filters has it; undefined when it is not in the list. The server alone knows. */
export async function memberOf(filters: ConversationFilters, number: number): Promise<Conversation | undefined> {
  const page = await ask(api.GET('/v1/conversations', { params: { query: { ...filters, number, limit: 1 } } }));
  return page.data.find((each) => each.number === number);
}

/** Reads one conversation. */
export function readConversation(id: number, signal?: AbortSignal): Promise<Conversation> {
  return ask(api.GET('/v1/conversations/{id}', { params: { path: { id } }, ...(signal && { signal }) }));
}

function inCache(client: QueryClient, number: number): Conversation | undefined {
  for (const [, pages] of client.getQueriesData<Pages<Conversation>>({ queryKey: conversationKeys.lists })) {
    const found = flatten(pages).find((each) => each.number === number);
    if (found) return found;
  }
  return undefined;
}

async function findByNumber(number: number, signal: AbortSignal): Promise<Conversation> {
  const page = await ask(api.GET('/v1/conversations', { params: { query: { number, limit: 1 } }, signal }));
  const found = page.data.find((each) => each.number === number);
  if (!found) throw new ApiError(404, 'not_found', `There is no conversation number ${number}.`);
  return found;
}

/** The conversation behind the number people and addresses use. */
export function conversationQuery(client: QueryClient, number: number) {
  return queryOptions<Conversation>({
    queryKey: conversationKeys.number(number),
    queryFn: ({ signal }) => {
      const known = inCache(client, number);
      return known ? readConversation(known.id, signal) : findByNumber(number, signal);
    },
    placeholderData: () => inCache(client, number),
  });
}

/** Tells the server up to which message the conversation was seen (rule 081). */
export function markRead(conversation: number, upTo: number): Promise<Conversation> {
  return ask(api.POST('/v1/conversations/{id}/read', { params: { path: { id: conversation } }, body: { up_to: upTo } }));
}

/** Changes what people keep of a conversation beside its tickets. */
export function updateConversation(conversation: number, body: { marked_unread?: boolean }): Promise<Conversation> {
  return ask(api.PATCH('/v1/conversations/{id}', { params: { path: { id: conversation } }, body }));
}
