import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';
import { api, ask } from '../client';
import { ApiError } from '../problem';
import type { Conversation } from '../types';
import { flatten, type Pages } from './pages';
import { keys, type ConversationFilters } from './keys';

/** How many conversations a page of the list has. */
export const LIST_PAGE = 50;

/** The list of conversations, the one with the newest message first. */
export function conversationsQuery(filters: ConversationFilters) {
  return infiniteQueryOptions({
    queryKey: keys.conversationList(filters),
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET('/v1/conversations', {
          params: { query: { ...filters, limit: LIST_PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => (last.has_more ? last.next_cursor : null),
  });
}

/** Reads one conversation. */
export function readConversation(id: number, signal?: AbortSignal): Promise<Conversation> {
  return ask(api.GET('/v1/conversations/{id}', { params: { path: { id } }, ...(signal && { signal }) }));
}

function inCache(client: QueryClient, number: number): Conversation | undefined {
  for (const [, pages] of client.getQueriesData<Pages<Conversation>>({ queryKey: keys.conversationLists })) {
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
    queryKey: keys.conversationNumber(number),
    queryFn: ({ signal }) => {
      const known = inCache(client, number);
      return known ? readConversation(known.id, signal) : findByNumber(number, signal);
    },
    placeholderData: () => inCache(client, number),
  });
}

/** How many messages a page of the timeline has. */
export const TIMELINE_PAGE = 50;

/** A conversation's messages: pages from the newest to the oldest, each newest first. */
export function messagesQuery(conversation: number) {
  return infiniteQueryOptions({
    queryKey: keys.messages(conversation),
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET('/v1/conversations/{id}/messages', {
          params: { path: { id: conversation }, query: { limit: TIMELINE_PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => (last.has_more ? last.next_cursor : null),
  });
}

/** Reads the newest page of a conversation's messages. */
export function readNewestMessages(conversation: number) {
  return ask(api.GET('/v1/conversations/{id}/messages', { params: { path: { id: conversation }, query: { limit: TIMELINE_PAGE } } }));
}

/** Reads one message. */
export function readMessage(id: number) {
  return ask(api.GET('/v1/messages/{id}', { params: { path: { id } } }));
}

/** Tells the server up to which message the conversation was seen (rule 081). */
export function markRead(conversation: number, upTo: number): Promise<Conversation> {
  return ask(api.POST('/v1/conversations/{id}/read', { params: { path: { id: conversation } }, body: { up_to: upTo } }));
}

/** A contact with how providers know it. */
export function contactQuery(id: number) {
  return queryOptions({
    queryKey: keys.contact(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/contacts/{id}', { params: { path: { id } }, signal })),
  });
}
