import type { ConversationFilters } from '../queries/conversations';
import type { Page, Pages } from '../queries/pages';
import type { Conversation, Message } from '../types';

/** How a list of conversations is sorted. */
export type Order = NonNullable<ConversationFilters['order']>;

/** The order of the timeline, oldest first: by instant, and of one instant by id, as the server pages it. */
export function inOrder(a: Message, b: Message): number {
  return Date.parse(a.created_at) - Date.parse(b.created_at) || a.id - b.id;
}

/**
 * Puts a freshly read newest page into a timeline that has pages already. Messages that are there are replaced in place,
 * new ones come before them, none appears twice. If the fresh page does not reach down to what is there, messages between
 * the two are unknown: the timeline then starts over with the fresh page, so that it never shows a gap as if it were none.
 */
export function mergeNewest(pages: Pages<Message>, newest: Page<Message>): Pages<Message> {
  const known = new Set<number>();
  for (const page of pages.pages) for (const message of page.data) known.add(message.id);
  const overlaps = known.size > 0 && newest.data.some((message) => known.has(message.id));
  if (!overlaps && (newest.has_more || known.size === 0)) return { pages: [newest], pageParams: [''] };
  const fresh = new Map(newest.data.map((message) => [message.id, message]));
  const added = newest.data.filter((message) => !known.has(message.id));
  const replaced = pages.pages.map((page) => ({
    ...page,
    data: page.data.map((message) => fresh.get(message.id) ?? message),
  }));
  const [first, ...rest] = replaced;
  if (!first || added.length === 0) return { ...pages, pages: replaced };
  const data = [...added, ...first.data].sort((a, b) => inOrder(b, a));
  return { ...pages, pages: [{ ...first, data }, ...rest] };
}

/** Replaces one message where it is loaded; a message that is not loaded changes nothing. */
export function replaceMessage(pages: Pages<Message>, message: Message): Pages<Message> {
  if (!pages.pages.some((page) => page.data.some((each) => each.id === message.id))) return pages;
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, data: page.data.map((each) => (each.id === message.id ? message : each)) })),
  };
}

/** Replaces a message where it is loaded, or puts a new one at its place among the newest. */
export function placeMessage(pages: Pages<Message>, message: Message): Pages<Message> {
  if (pages.pages.some((page) => page.data.some((each) => each.id === message.id))) return replaceMessage(pages, message);
  const [first, ...rest] = pages.pages;
  if (!first) return pages;
  const oldest = first.data.at(-1);
  // Older than the newest page: its own page brings it.
  if (first.has_more && oldest && inOrder(message, oldest) < 0) return pages;
  return { ...pages, pages: [{ ...first, data: [...first.data, message].sort((a, b) => inOrder(b, a)) }, ...rest] };
}

/** The latest ticket: tickets are numbered as they are opened. 0: there never was one. */
function latestTicket({ ticket, last_ticket: last }: Conversation): number {
  return ticket?.id ?? last?.id ?? 0;
}

function byOpening(order: Order): boolean {
  return order === 'opened_recent' || order === 'opened_oldest';
}

/** By what an order sorts a conversation, as one word: a change of it can move the row. */
export function sortKey(order: Order, conversation: Conversation): string {
  const ticket = byOpening(order) ? latestTicket(conversation) : 0;
  return ticket > 0 ? String(ticket) : (conversation.last_message_at ?? '');
}

/**
 * Whether one conversation stands before another, as the server sorts. By opening, those that never had a ticket come last, in
 * the order of their messages. Ids break ties.
 */
function before(order: Order, a: Conversation, b: Conversation): boolean {
  const oldestFirst = order === 'oldest' || order === 'opened_oldest';
  const [at, bt] = byOpening(order) ? [latestTicket(a), latestTicket(b)] : [0, 0];
  if (at !== bt && (at === 0 || bt === 0)) return bt === 0;
  const said = (each: Conversation) => Date.parse(each.last_message_at ?? each.created_at);
  const difference = at - bt || said(a) - said(b) || a.id - b.id;
  return oldestFirst ? difference < 0 : difference > 0;
}

/**
 * Puts a freshly read conversation at its place in a list, or takes it out when it is no member. Whether it is one the server
 * has said: the console never decides it.
 */
export function placeConversation(pages: Pages<Conversation>, order: Order, conversation: Conversation, member: boolean): Pages<Conversation> {
  if (!member) return removeConversation(pages, conversation.id);
  const without = pages.pages.map((page) => ({ ...page, data: page.data.filter((each) => each.id !== conversation.id) }));
  for (const [index, page] of without.entries()) {
    const at = page.data.findIndex((each) => before(order, conversation, each));
    const last = index === without.length - 1;
    if (at === -1 && !(last && !page.has_more)) continue;
    const data = [...page.data];
    data.splice(at === -1 ? data.length : at, 0, conversation);
    return { ...pages, pages: without.map((each, i) => (i === index ? { ...page, data } : each)) };
  }
  // It belongs below what is loaded: the page that has it comes when somebody scrolls there.
  return { ...pages, pages: without };
}

/** Changes a conversation where it is in a list, and its place not. */
export function replaceConversation(pages: Pages<Conversation>, conversation: Conversation): Pages<Conversation> {
  if (!pages.pages.some((page) => page.data.some((each) => each.id === conversation.id))) return pages;
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, data: page.data.map((each) => (each.id === conversation.id ? conversation : each)) })) };
}

/** Takes a conversation that may no longer be seen out of a list. */
export function removeConversation(pages: Pages<Conversation>, id: number): Pages<Conversation> {
  if (!pages.pages.some((page) => page.data.some((each) => each.id === id))) return pages;
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, data: page.data.filter((each) => each.id !== id) })) };
}
