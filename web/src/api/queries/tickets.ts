import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { api, ask } from '../client';
import { conversationKeys } from './conversations';
import type { Pages } from './pages';
import type { Conversation, Priority, TicketAnswer } from '../types';

/** Keys of tickets. */
export const ticketKeys = {
  all: ['tickets'] as const,
  one: (id: number) => ['tickets', 'one', id] as const,
  of: (conversation: number) => ['tickets', 'of', conversation] as const,
};

/** A ticket with what happened to it. */
export function ticketQuery(id: number) {
  return queryOptions({
    queryKey: ticketKeys.one(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/tickets/{id}', { params: { path: { id } }, signal })),
  });
}

/** The newest tickets of a conversation. */
export function ticketsQuery(conversation: number) {
  return queryOptions({
    queryKey: ticketKeys.of(conversation),
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/v1/conversations/{id}/tickets', { params: { path: { id: conversation }, query: { limit: 20 } }, signal }))).data,
  });
}

/** A fresh reference: the same command sent twice with it is done once. */
export function freshRef(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const at = (id: number) => ({ params: { path: { id } } });
const ref = () => ({ client_ref: freshRef() });

/** What closing a ticket takes with it. */
export interface Closing {
  reason_id?: number;
  text?: string;
  survey_id?: number;
  values?: Record<string, unknown>;
  clear?: string[];
}

/** When a ticket closes by itself (rules 151, 152). */
export interface Schedule {
  due_at: string;
  cancel_on_reply: boolean;
  /** Instead of the closure that waits already. */
  replace: boolean;
}

/** Until when a ticket sleeps, and why. */
export interface Snooze {
  until?: string;
  until_reply?: boolean;
  reason?: string;
}

/** What can be asked of a ticket. Each answers with the conversation as it became, or with a command that waits. */
export const ticketCalls = {
  accept: (id: number): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/accept', { ...at(id), body: ref() })),
  assign: (id: number, user: number): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/assign', { ...at(id), body: { user_id: user, ...ref() } })),
  /** Gives up what is mine: it waits again, in its queue if it has one. */
  release: (id: number): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/assign', { ...at(id), body: { user_id: 0, ...ref() } })),
  transfer: (id: number, to: { queue_id?: number; user_id?: number; note?: string }): Promise<TicketAnswer> =>
    ask(api.POST('/v1/tickets/{id}/transfer', { ...at(id), body: { ...to, ...ref() } })),
  flow: (id: number, flow: number): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/flow', { ...at(id), body: { flow_id: flow, ...ref() } })),
  handBack: (id: number): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/hand-back', { ...at(id), body: ref() })),
  snooze: (id: number, snooze: Snooze): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/snooze', { ...at(id), body: { ...snooze, ...ref() } })),
  wake: (id: number): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/wake', { ...at(id), body: ref() })),
  schedule: (id: number, closing: Closing & Schedule): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/closing', { ...at(id), body: { ...closing, ...ref() } })),
  cancelClosing: (id: number): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/closing/cancel', { ...at(id), body: ref() })),
  reopen: (id: number): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/reopen', { ...at(id), body: ref() })),
  close: (id: number, closing: Closing): Promise<TicketAnswer> => ask(api.POST('/v1/tickets/{id}/close', { ...at(id), body: { ...closing, ...ref() } })),
};

/** Opens a ticket for me, a queue or an agent. One that is open stays as it is. */
export function openTicket(conversation: number, to: { queue_id?: number; agent_id?: number } = {}): Promise<Conversation> {
  return ask(api.POST('/v1/conversations/{id}/ticket', { ...at(conversation), body: { ...to, ...ref() } }));
}

/** Starts a published flow in a conversation without a ticket, and tells how it stands then. */
export async function startFlow(conversation: number, flow: number): Promise<Conversation> {
  await ask(api.POST('/v1/flow-runs', { body: { conversation_id: conversation, flow_id: flow } }));
  return ask(api.GET('/v1/conversations/{id}', at(conversation)));
}

/** Changes what a conversation has beside its ticket. */
export function changeConversation(
  conversation: number,
  change: { chatbot_disabled?: boolean; marked_unread?: boolean; followed?: boolean; priority?: Priority },
): Promise<Conversation> {
  return ask(api.PATCH('/v1/conversations/{id}', { ...at(conversation), body: change }));
}

/** Shows a conversation as given wherever it stands, at its place: before the server has answered, or when it refused. */
export function showConversation(client: QueryClient, conversation: Conversation): void {
  client.setQueryData<Conversation>(conversationKeys.number(conversation.number), (old) => (old ? conversation : old));
  for (const [key, pages] of client.getQueriesData<Pages<Conversation>>({ queryKey: conversationKeys.lists })) {
    if (!pages?.pages.some((page) => page.data.some((each) => each.id === conversation.id))) continue;
    client.setQueryData<Pages<Conversation>>(key, {
      ...pages,
      pages: pages.pages.map((page) => ({ ...page, data: page.data.map((each) => (each.id === conversation.id ? conversation : each)) })),
    });
  }
}
