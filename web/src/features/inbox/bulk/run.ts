import '@/i18n/rest';
import type { QueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { ApiError } from '@/api/problem';
import { labelContact } from '@/api/queries/contact-notes';
import { contactKeys } from '@/api/queries/contacts';
import { readConversation } from '@/api/queries/conversations';
import { changeConversation, openTicket, showConversation, ticketCalls, ticketKeys } from '@/api/queries/tickets';
import type { Conversation, TicketAnswer } from '@/api/types';
import type { Target } from '../actions/use-acts';

/** How many requests are under way at once. */
const AT_ONCE = 4;

/** A label as rows show it. */
type Label = Conversation['labels'][number];

/** One thing that is done with each of several conversations. */
export type BulkAct = { kind: 'accept' } | { kind: 'transfer'; to: Target; note: string } | { kind: 'close' } | { kind: 'label'; label: Label } | { kind: 'unread' };

/** What became of each conversation. */
export interface Outcome {
  done: Conversation[];
  /** Kept by the server: done as soon as a worker is there. */
  waiting: Conversation[];
  refused: { conversation: Conversation; reason: string }[];
  /** Those that look different now: what was so already is done too, and nothing takes it back. */
  changed: Conversation[];
}

/** Does something with each item, in their order, with no more than so many under way. */
export async function inTurns<T>(items: readonly T[], most: number, each: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await each(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
}

/** Why something is not asked of the server at all. */
class Impossible extends Error {}

type Became = 'done' | 'waiting' | 'same';

async function ofTicket(client: QueryClient, answer: Promise<TicketAnswer>): Promise<Became> {
  const { command, conversation } = await answer;
  if (command.state === 'waiting') return 'waiting';
  if (conversation) showConversation(client, conversation);
  return 'done';
}

async function doOne(client: QueryClient, t: TFunction, act: BulkAct, conversation: Conversation): Promise<Became> {
  const { id, ticket, labels } = conversation;
  switch (act.kind) {
    case 'transfer': {
      const { user, queue } = act.to;
      if (!ticket) {
        showConversation(client, await openTicket(id, user ? { agent_id: user.id } : { queue_id: queue.id }));
        return 'done';
      }
      const where = user ? { user_id: user.id } : { queue_id: queue.id };
      return await ofTicket(client, ticketCalls.transfer(ticket.id, { ...where, ...(act.note !== '' && { note: act.note }) }));
    }
    case 'unread':
      if (conversation.marked_unread || conversation.unread_count > 0) return 'same';
      showConversation(client, await changeConversation(id, { marked_unread: true }));
      return 'done';
    case 'label':
      if (labels.some((each) => each.id === act.label.id)) return 'same';
      await putLabel(client, conversation, act.label, true);
      return 'done';
    default:
      if (!ticket) throw new Impossible(t('refused.none'));
      return await ofTicket(client, act.kind === 'accept' ? ticketCalls.accept(ticket.id) : ticketCalls.close(ticket.id, {}));
  }
}

async function putLabel(client: QueryClient, conversation: Conversation, label: Label, on: boolean): Promise<void> {
  client.setQueryData(contactKeys.one(conversation.contact.id), await labelContact(conversation.contact.id, label.id, on));
  showConversation(client, await readConversation(conversation.id));
}

/**
 * Does one thing with several conversations, each by a request of its own, and tells after each how many are through. One that
 * is refused changes nothing for the others.
 */
export async function runBulk(client: QueryClient, t: TFunction, act: BulkAct, conversations: readonly Conversation[], onStep: (through: number) => void): Promise<Outcome> {
  const outcome: Outcome = { done: [], waiting: [], refused: [], changed: [] };
  let through = 0;
  await inTurns(conversations, AT_ONCE, async (conversation) => {
    try {
      const became = await doOne(client, t, act, conversation);
      outcome[became === 'waiting' ? 'waiting' : 'done'].push(conversation);
      if (became === 'done') outcome.changed.push(conversation);
    } catch (error) {
      const reason = error instanceof ApiError ? error.sayWith(t) : error instanceof Impossible ? error.message : t('error.unknown');
      outcome.refused.push({ conversation, reason });
      if (error instanceof ApiError && error.status === 409) {
        await readConversation(conversation.id).then(
          (now) => showConversation(client, now),
          () => undefined,
        );
      }
    }
    through += 1;
    onStep(through);
  });
  void client.invalidateQueries({ queryKey: ticketKeys.all });
  return outcome;
}

/** What takes a bulk act back, for those that can be taken back as they were. Answers how many could not. */
export function undoOf(client: QueryClient, act: BulkAct, changed: readonly Conversation[]): (() => Promise<number>) | undefined {
  if ((act.kind !== 'unread' && act.kind !== 'label') || changed.length === 0) return undefined;
  return async () => {
    let failed = 0;
    await inTurns(changed, AT_ONCE, async (conversation) => {
      try {
        if (act.kind === 'label') await putLabel(client, conversation, act.label, false);
        else showConversation(client, await changeConversation(conversation.id, { marked_unread: false }));
      } catch {
        failed += 1;
      }
    });
    return failed;
  };
}

/** How many reasons a summary tells in full. */
const TOLD = 3;

/** The reasons of what was refused: each sentence once, after the names that it is about. */
export function reasonsOf(t: TFunction, refused: Outcome['refused'], nameOf: (conversation: Conversation) => string): string {
  const byReason = new Map<string, string[]>();
  for (const { conversation, reason } of refused) byReason.set(reason, [...(byReason.get(reason) ?? []), nameOf(conversation)]);
  const told = [...byReason].slice(0, TOLD).map(([reason, names]) => {
    const left = names.length - 2;
    return t('bulk.reason', { names: left > 0 ? t('bulk.andMore', { names: names.slice(0, 2).join(', '), count: left }) : names.join(', '), reason });
  });
  const more = [...byReason.values()].slice(TOLD).flat().length;
  return [...told, ...(more > 0 ? [t('bulk.moreReasons', { count: more })] : [])].join(' ');
}
