import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { labelContact } from '@/api/queries/contact-notes';
import { contactKeys } from '@/api/queries/contacts';
import { conversationKeys, readConversation } from '@/api/queries/conversations';
import { useMe } from '@/api/queries/sign-in';
import { changeConversation, openTicket, showConversation, startFlow, ticketCalls, ticketKeys, type Closing, type Schedule, type Snooze } from '@/api/queries/tickets';
import type { Conversation, Priority, TicketAnswer } from '@/api/types';
import { toast } from '@/components/toast';
import { outboxOf } from '../composer/outbox';
import { setNotice } from './notices';

/** Somebody or some queue, by what people read and by what the server takes. */
export interface Named {
  id: number;
  name: string;
}

/** Where a conversation is moved. */
export type Target = { user: Named; queue?: never } | { queue: Named & { color: string }; user?: never };

interface Doing {
  /** What is asked of the server. */
  ask: () => Promise<TicketAnswer | Conversation>;
  /** How the conversation looks when it is done: it looks so at once. */
  expected?: Conversation | undefined;
  /** What is said when it is done. */
  done?: string;
  /** What takes it back, where nothing has left the house. */
  undo?: (() => unknown) | undefined;
  /** A dialog is open that says itself why it was refused. */
  inDialog?: boolean;
  /** It waits until what was sent before has left, and is not done when that was taken back. It says so in these words. */
  behind?: { waits: string; dropped: string };
}

/** What became of something that was asked. */
export type Became = 'done' | 'waiting' | 'refused' | 'dropped';

/** What became of it, and why it was refused. */
export interface Outcome {
  became: Became;
  error?: unknown;
}

function isConversation(answer: TicketAnswer | Conversation): answer is Conversation {
  return 'number' in answer;
}

/** Waits until what was sent in a conversation has left. False where some of it was taken back or refused: it is said why. */
async function behindSendings(client: QueryClient, conversation: number, { waits, dropped }: NonNullable<Doing['behind']>): Promise<boolean> {
  const box = outboxOf(client);
  if (!box.of(conversation).some(({ state }) => state !== 'refused')) return true;
  setNotice(conversation, { tone: 'waiting', words: waits });
  const gone = await box.gone(conversation);
  setNotice(conversation, gone ? undefined : { tone: 'waiting', words: dropped });
  return gone;
}

/**
 * Does one thing: what is expected is shown at once. A refusal puts things back, says why in the conversation, and reads how it
 * really stands. What no worker has taken yet is said too: it will be done.
 */
async function perform(client: QueryClient, t: TFunction, before: Conversation, { ask: call, expected, done, undo, inDialog = false, behind }: Doing): Promise<Outcome> {
  setNotice(before.id, undefined);
  if (behind && !(await behindSendings(client, before.id, behind))) return { became: 'dropped' };
  if (expected) showConversation(client, expected);
  try {
    const answer = await call();
    const conversation = isConversation(answer) ? answer : answer.conversation;
    if (!isConversation(answer) && answer.command.state === 'waiting') {
      setNotice(before.id, { tone: 'waiting', words: t('acts.waiting') });
      return { became: 'waiting' };
    }
    if (conversation) showConversation(client, conversation);
    void client.invalidateQueries({ queryKey: ticketKeys.all });
    if (done !== undefined) toast({ words: done, ...(undo && { undo: () => void undo() }) });
    return { became: 'done' };
  } catch (error) {
    const shown = client.getQueryData<Conversation>(conversationKeys.number(before.number));
    // Somebody else's change may have come in meanwhile: that one stays.
    if (expected && shown === expected) showConversation(client, before);
    if (!inDialog) setNotice(before.id, { tone: 'refused', words: error instanceof ApiError ? error.sayWith(t) : t('error.unknown') });
    if (error instanceof ApiError && error.status === 409) {
      await readConversation(before.id).then(
        (now) => showConversation(client, now),
        () => undefined,
      );
    }
    return { became: 'refused', error };
  }
}

/** Puts a label on a contact or takes it off, and offers to take that back. */
export async function labelWithUndo(client: QueryClient, t: TFunction, contact: number, label: Named, on: boolean): Promise<void> {
  const put = async (now: boolean) => {
    client.setQueryData(contactKeys.one(contact), await labelContact(contact, label.id, now));
  };
  const failed = () => toast({ words: t('acts.labelFailed', { name: label.name }), tone: 'bad' });
  try {
    await put(on);
  } catch (error) {
    failed();
    throw error;
  }
  toast({ words: t(on ? 'acts.done.label' : 'acts.done.unlabel', { name: label.name }), undo: () => void put(!on).catch(failed) });
}

/** Everything an agent does with one conversation. */
export function useActs(conversation: Conversation) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { user } = useMe();
  return useMemo(() => actsFor(client, t, conversation, { id: user.id, name: user.name }), [client, t, conversation, user.id, user.name]);
}

function actsFor(client: QueryClient, t: TFunction, conversation: Conversation, me: Named) {
  const { ticket, last_ticket: last } = conversation;
  const doing = (what: Doing) => perform(client, t, conversation, what);
  const id = ticket?.id ?? 0;

  const withTicket = (change: Partial<NonNullable<Conversation['ticket']>>): Conversation | undefined => ticket && { ...conversation, ticket: { ...ticket, ...change } };
  const mine = (): Conversation | undefined => withTicket({ state: 'open', agent: me, write_locked: false });
  const without = (): Conversation => {
    const next: Conversation = { ...conversation, in_charge: 'idle', unread_count: 0 };
    delete next.ticket;
    return next;
  };
  /** Where it was before somebody moved it. */
  const backTo = () => (ticket?.agent ? () => ticketCalls.assign(id, ticket.agent?.id ?? 0) : ticket?.queue ? () => ticketCalls.transfer(id, { queue_id: ticket.queue?.id ?? 0 }) : undefined);
  const undoing = (call: (() => Promise<TicketAnswer | Conversation>) | undefined) => call && (() => perform(client, t, conversation, { ask: call, expected: conversation }));

  /** The ticket that went to the bot, open again and with the agent it had. */
  const takeBack = async () => {
    const back = await ticketCalls.reopen(id);
    if (back.command.state === 'waiting' || ticket?.agent?.id === me.id) return back;
    return await (ticket?.agent ? ticketCalls.assign(id, ticket.agent.id) : ticketCalls.release(id));
  };

  const change = (part: Parameters<typeof changeConversation>[1], undo?: Parameters<typeof changeConversation>[1], done?: string) =>
    doing({
      ask: () => changeConversation(conversation.id, part),
      expected: { ...conversation, ...part },
      ...(done !== undefined && { done }),
      undo: undoing(undo && (() => changeConversation(conversation.id, undo))),
    });

  return {
    accept: () => doing({ ask: () => ticketCalls.accept(id), expected: mine(), done: t('acts.done.accept'), undo: undoing(() => ticketCalls.release(id)) }),
    open: () => doing({ ask: () => openTicket(conversation.id), done: t('acts.done.open') }),
    take: () => doing({ ask: () => ticketCalls.assign(id, me.id), expected: mine(), done: t('acts.done.take'), undo: undoing(backTo()) }),
    transfer: (to: Target, note: string) => {
      const where = to.user ? { user_id: to.user.id } : { queue_id: to.queue.id };
      const done = to.user ? t('acts.done.transferUser', { name: to.user.name }) : t('acts.done.transferQueue', { name: to.queue.name });
      if (!ticket) {
        return doing({ inDialog: true, ask: () => openTicket(conversation.id, to.user ? { agent_id: to.user.id } : { queue_id: to.queue.id }), done });
      }
      const moved: Conversation = { ...conversation, ticket: { ...ticket, state: to.user ? 'open' : 'waiting' } };
      delete moved.ticket?.agent;
      delete moved.ticket?.queue;
      if (moved.ticket && to.user) moved.ticket.agent = to.user;
      if (moved.ticket && to.queue) moved.ticket.queue = to.queue;
      // A note that was written stays written: only the move is taken back.
      return doing({ inDialog: true, ask: () => ticketCalls.transfer(id, { ...where, ...(note !== '' && { note }) }), expected: moved, done, undo: undoing(backTo()) });
    },
    snooze: (until: Snooze, words: string) =>
      doing({
        inDialog: true,
        behind: { waits: t('acts.behind.snooze'), dropped: t('acts.behind.open') },
        ask: () => ticketCalls.snooze(id, until),
        expected: withTicket({ snoozed: { at: new Date().toISOString(), until_reply: until.until_reply ?? false, ...(until.until !== undefined && { until: until.until }), ...(until.reason !== undefined && { reason: until.reason }) } }),
        done: words,
        undo: undoing(() => ticketCalls.wake(id)),
      }),
    wake: () => {
      const next = withTicket({});
      if (next?.ticket) delete next.ticket.snoozed;
      const { until, until_reply, reason } = ticket?.snoozed ?? {};
      const again: Snooze = { ...(until !== undefined && { until }), ...(until_reply !== undefined && { until_reply }), ...(reason !== undefined && { reason }) };
      return doing({ ask: () => ticketCalls.wake(id), expected: next, done: t('acts.done.wake'), undo: undoing(() => ticketCalls.snooze(id, again)) });
    },
    close: (closing: Closing) =>
      doing({
        inDialog: true,
        expected: ticket && { ...without(), last_ticket: { id, protocol: ticket.protocol, closed_at: new Date().toISOString(), closed_by: { kind: 'user', ...me } } },
        behind: { waits: t('acts.behind.close'), dropped: t('acts.behind.open') },
        ask: () => ticketCalls.close(id, closing),
        done: t('acts.done.close'),
        // A text that was sent cannot be taken back.
        undo: closing.text === undefined ? undoing(() => ticketCalls.reopen(id)) : undefined,
      }),
    schedule: (closing: Closing, schedule: Schedule, done: string) =>
      doing({ inDialog: true, ask: () => ticketCalls.schedule(id, { ...closing, ...schedule }), done, undo: undoing(() => ticketCalls.cancelClosing(id)) }),
    cancelClosing: () => {
      const next = withTicket({});
      if (next?.ticket) delete next.ticket.closing;
      return doing({ ask: () => ticketCalls.cancelClosing(id), expected: next, done: t('acts.closing.cancelled') });
    },
    reopen: () => doing({ ask: () => ticketCalls.reopen(last?.id ?? 0), done: t('acts.done.reopen') }),
    handBack: () => doing({ ask: () => ticketCalls.handBack(id), expected: { ...without(), in_charge: 'flow' }, done: t('acts.done.hand_back'), undo: undoing(takeBack) }),
    flow: (flow: Named) =>
      doing({
        inDialog: true,
        ask: () => (ticket ? ticketCalls.flow(id, flow.id) : startFlow(conversation.id, flow.id)),
        ...(ticket && { expected: without() }),
        done: t(ticket ? 'acts.done.flow' : 'acts.done.start_flow', { name: flow.name }),
      }),
    priority: (priority: Priority) => change({ priority }, { priority: conversation.priority }, t('acts.done.priority', { name: t(`acts.priorities.${priority}`) })),
    follow: (followed: boolean) => change({ followed }, { followed: !followed }, followed ? t('acts.done.follow') : t('acts.done.unfollow')),
    chatbot: (disabled: boolean) => change({ chatbot_disabled: disabled }, { chatbot_disabled: !disabled }, disabled ? t('acts.done.chatbot_off') : t('acts.done.chatbot_on')),
    label: (label: Named, on: boolean) => labelWithUndo(client, t, conversation.contact.id, label, on),
  };
}

/** What an agent does with one conversation. */
export type Acts = ReturnType<typeof actsFor>;
