import type { ConversationFilters } from '../queries/conversations';
import type { Page, Pages } from '../queries/pages';
import type { Conversation, Message } from '../types';

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

/** Whether a conversation belongs to a list with these filters, as far as a browser can tell; a search it cannot. */
export function belongs(filters: ConversationFilters, conversation: Conversation): boolean | 'unknown' {
  if (filters.unread === true && conversation.unread_count === 0) return false;
  if (filters.in_charge !== undefined && conversation.in_charge !== filters.in_charge) return false;
  if (filters.window !== undefined && conversation.window_state !== filters.window) return false;
  if (filters.connection_id !== undefined && conversation.connection.id !== filters.connection_id) return false;
  return filters.q === undefined || filters.q === '' ? true : 'unknown';
}

/** Newest message first; the server breaks ties by id. */
function before(a: Conversation, b: Conversation): boolean {
  const at = a.last_message_at ?? '';
  const bt = b.last_message_at ?? '';
  return at === bt ? a.id > b.id : Date.parse(at) > Date.parse(bt);
}

/**
 * Puts a freshly read conversation at its place in a list, or takes it out when it no longer belongs. In a search, which
 * only the server can answer, it is replaced where it is and never added. `keep` is the open conversation: it stays in an
 * unread list though reading it took the reason away, until the list is read again.
 */
export function placeConversation(
  pages: Pages<Conversation>,
  filters: ConversationFilters,
  conversation: Conversation,
  keep?: number,
): Pages<Conversation> {
  const here = pages.pages.some((page) => page.data.some((each) => each.id === conversation.id));
  const member = belongs(filters, conversation);
  const wanted = member === 'unknown' ? here : member || (here && keep === conversation.id);
  if (!here && !wanted) return pages;
  const without = pages.pages.map((page) => ({ ...page, data: page.data.filter((each) => each.id !== conversation.id) }));
  if (!wanted) return { ...pages, pages: without };
  for (const [index, page] of without.entries()) {
    const at = page.data.findIndex((each) => before(conversation, each));
    const last = index === without.length - 1;
    if (at === -1 && !(last && !page.has_more)) continue;
    const data = [...page.data];
    data.splice(at === -1 ? data.length : at, 0, conversation);
    return { ...pages, pages: without.map((each, i) => (i === index ? { ...page, data } : each)) };
  }
  // It belongs below what is loaded: the page that has it comes when somebody scrolls there.
  return { ...pages, pages: without };
}

/** Takes a conversation that may no longer be seen out of a list. */
export function removeConversation(pages: Pages<Conversation>, id: number): Pages<Conversation> {
  if (!pages.pages.some((page) => page.data.some((each) => each.id === id))) return pages;
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, data: page.data.filter((each) => each.id !== id) })) };
}
