import type { Conversation, Message, View, ViewCounts } from '../../api/types';
import { filtersIn, meets } from './views.ts';
import type { MockApi } from './api.ts';
import { me } from './people.ts';

/** The account's queues. Who uses the mock is in the first one. */
export const QUEUES = [
  { id: 1, name: 'Suporte', color: '#0f766e', bot_order: 1, members: [1, 2], write_lock: false },
  { id: 2, name: 'Financeiro', color: '#b45309', bot_order: 2, members: [2], write_lock: false },
];

/** To which views of the mock's user a conversation belongs, as the server says it (rules 061 to 070). */
export function listsOf({ ticket, chatbot_disabled: botOff, in_charge: charge }: Conversation): View[] {
  const lists: View[] = ['all'];
  if (ticket?.snoozed) return [...lists, 'snoozed'];
  const mineToServe = ticket && (ticket.queue !== undefined || !ticket.agent);
  if (mineToServe || (!ticket && botOff && charge !== 'flow')) lists.push('open');
  if (ticket?.agent?.id === me.user.id) lists.push('mine');
  if (ticket?.agent) lists.push('attended');
  return lists;
}

/** A conversation as a read answers it. */
export function withLists<T extends Conversation | undefined>(conversation: T): T {
  return conversation && { ...conversation, lists: listsOf(conversation) };
}

function narrowed(all: readonly Conversation[], q: URLSearchParams, api?: MockApi): Conversation[] {
  const filters = filtersIn(api, q);
  const words = q.get('q')?.toLocaleLowerCase().replace(/^#/, '') ?? '';
  const is = (name: string, value: string | number | undefined) => !q.has(name) || q.get(name) === String(value ?? '');
  return all
    .filter((each) => filters.every((filter) => meets(each, filter)))
    .filter((each) => is('number', each.number))
    .filter((each) => words === '' || each.contact.name.toLocaleLowerCase().includes(words) || String(each.number) === words || each.ticket?.protocol === words)
    .filter((each) => q.get('unread') !== 'true' || each.unread_count > 0 || each.marked_unread)
    .filter((each) => is('in_charge', each.in_charge) && is('window', each.window_state) && is('connection_id', each.connection.id) && is('contact_id', each.contact.id))
    .filter((each) => is('queue_id', each.ticket?.queue?.id) && is('agent_id', each.ticket?.agent?.id))
    .filter((each) => !q.has('label_id') || each.labels.some((label) => String(label.id) === q.get('label_id')));
}

/** The message of the first conversation that has these words. */
function hitOf(each: Conversation, messages: readonly Message[], words: string): Conversation['hit'] {
  if (words === '' || each.id !== 900) return undefined;
  const found = messages.find(({ content }) => content.text?.toLocaleLowerCase().includes(words));
  return found && { message_id: found.id, excerpt: found.content.text ?? '', at: found.created_at };
}

/** The rows of a list, in its order. */
export function listed(everybody: readonly Conversation[], q: URLSearchParams, messages: readonly Message[] = [], api?: MockApi): Conversation[] {
  const words = q.get('q')?.toLocaleLowerCase() ?? '';
  const hits = new Map(everybody.flatMap((each) => {
    const hit = hitOf(each, messages, words);
    return hit ? [[each.id, hit] as const] : [];
  }));
  const all = narrowed(everybody, q, api);
  const byWords = new URLSearchParams(q);
  byWords.delete('q');
  for (const each of narrowed(everybody, byWords, api)) if (hits.has(each.id) && !all.includes(each)) all.push({ ...each, hit: hits.get(each.id)! });
  const order = q.get('order') ?? 'recent';
  const ticket = (each: Conversation) => (order.startsWith('opened') ? (each.ticket?.id ?? each.last_ticket?.id ?? 0) : 0);
  const sign = order.endsWith('oldest') ? 1 : -1;
  const view = (q.get('view') ?? 'all') as View;
  return all
    .map(withLists)
    .filter((each) => each.lists.includes(view))
    .sort((a, b) => {
      if (ticket(a) !== ticket(b) && (ticket(a) === 0 || ticket(b) === 0)) return ticket(b) === 0 ? -1 : 1;
      return sign * (ticket(a) - ticket(b) || Date.parse(a.last_message_at ?? '') - Date.parse(b.last_message_at ?? ''));
    });
}

/** How many rows each view has. */
export function counted(all: readonly Conversation[], q: URLSearchParams, api?: MockApi): ViewCounts {
  const rows = narrowed(all, q, api);
  const of = (view: View) => {
    const inView = rows.filter((each) => listsOf(each).includes(view));
    return { total: inView.length, unread: inView.filter((each) => each.unread_count > 0).length };
  };
  return { all: of('all'), open: of('open'), mine: of('mine'), attended: of('attended'), snoozed: of('snoozed') };
}
