import type { ContactDetail, ContactNote, Conversation, CustomField, Label, TicketDetail, TicketSummary } from '../../api/types';
import type { MockAnswer, MockApi } from './api.ts';
import { problem } from './api.ts';
import { QUEUES, withLists } from './inbox.ts';
import { me } from './people.ts';

/** Who may get a ticket. */
export const AGENTS = [
  { id: 1, name: 'Ana Ribeiro', queues: [1, 2] },
  { id: 2, name: 'Bruno Castro', queues: [1] },
  { id: 3, name: 'Carla Menezes', queues: [2] },
];

interface Body {
  user_id?: number;
  queue_id?: number;
  agent_id?: number;
  until?: string;
  until_reply?: boolean;
  reason?: string;
  note?: string;
  text?: string;
  clear?: string[];
  values?: Record<string, unknown>;
}

type Ticket = NonNullable<Conversation['ticket']>;

const reference = ({ id, name }: { id: number; name: string }) => ({ id, name });

const placeOf = ({ id, name, color }: { id: number; name: string; color: string }) => ({ id, name, color });

/** A refusal as the server writes it, with what its sentence names. */
export function refused(key: string, args: Record<string, string> = {}): MockAnswer {
  const answer = problem(409, 'conflict', 'It is not possible now.');
  return { ...answer, body: { ...(answer.body as object), key, args } };
}

function freshTicket(id: number): Ticket {
  return {
    id,
    protocol: `20261130${String(id).padStart(4, '0')}`,
    state: 'open',
    origin: 'receptive',
    opened_at: new Date().toISOString(),
    opened_by: { kind: 'user', id: me.user.id, name: me.user.name },
    agent: reference(me.user),
    write_locked: false,
  };
}

/** What the desk's operations on tickets answer. Undefined when the path is none of them. */
export function deskAnswer(api: MockApi, method: string, path: string, raw: string): MockAnswer | undefined {
  const body = (raw === '' ? {} : JSON.parse(raw)) as Body & Partial<Conversation>;
  const opening = /^\/v1\/conversations\/(\d+)\/ticket$/.exec(path);
  if (opening) return method === 'POST' ? open(api, Number(opening[1]), body) : undefined;
  const change = /^\/v1\/conversations\/(\d+)$/.exec(path);
  if (change && method === 'PATCH') {
    const conversation = api.conversations.find((each) => each.id === Number(change[1]));
    return conversation && { status: 200, body: put(api, { ...conversation, ...body }) };
  }
  const act = /^\/v1\/tickets\/(\d+)\/([a-z-]+)$/.exec(path);
  if (!act || method !== 'POST') return undefined;
  const id = Number(act[1]);
  const conversation = api.conversations.find((each) => each.ticket?.id === id || each.last_ticket?.id === id);
  if (!conversation) return problem(404, 'not_found', 'There is no such ticket.');
  const next = acted(conversation, act[2] ?? '', body, id);
  if (next === undefined) return refused('ticket.none');
  if ('status' in next) return next;
  return { status: 200, body: { command: { id, state: 'done' }, conversation: put(api, next) } };
}

function put(api: MockApi, next: Conversation): Conversation {
  const at = api.conversations.findIndex((each) => each.id === next.id);
  api.conversations[at] = next;
  api.event('conversation.updated', next.id, next.id);
  return withLists(next);
}

function open(api: MockApi, id: number, body: Body): MockAnswer {
  const conversation = api.conversations.find((each) => each.id === id);
  if (!conversation) return problem(404, 'not_found', 'There is no such conversation.');
  if (conversation.ticket) return { status: 200, body: conversation };
  const ticket = freshTicket(500 + id);
  const queue = QUEUES.find((each) => each.id === body.queue_id);
  const agent = AGENTS.find((each) => each.id === body.agent_id);
  if (queue) {
    ticket.queue = placeOf(queue);
    ticket.state = 'waiting';
    delete ticket.agent;
  }
  if (agent) ticket.agent = reference(agent);
  const next: Conversation = { ...conversation, in_charge: 'ticket', ticket };
  delete next.last_ticket;
  return { status: 201, body: put(api, next) };
}

function acted(conversation: Conversation, act: string, body: Body, id: number): Conversation | MockAnswer | undefined {
  if (act === 'reopen') {
    const next: Conversation = { ...conversation, in_charge: 'ticket', ticket: { ...freshTicket(id), protocol: conversation.last_ticket?.protocol ?? '' } };
    delete next.last_ticket;
    return next;
  }
  const ticket = conversation.ticket && { ...conversation.ticket };
  if (!ticket) return undefined;
  const next: Conversation = { ...conversation, ticket };
  switch (act) {
    case 'accept':
      if (ticket.agent && ticket.agent.id !== me.user.id) return refused('ticket.taken', { agent: ticket.agent.name, agent_id: String(ticket.agent.id), at: new Date(Date.now() - 3000).toISOString() });
      ticket.agent = reference(me.user);
      ticket.state = 'open';
      break;
    case 'assign':
    case 'transfer': {
      if (body.user_id === 0) {
        if (ticket.agent && ticket.agent.id !== me.user.id) return refused('ticket.taken', { agent: ticket.agent.name, agent_id: String(ticket.agent.id) });
        delete ticket.agent;
        ticket.state = 'waiting';
        break;
      }
      const agent = AGENTS.find((each) => each.id === body.user_id);
      const queue = QUEUES.find((each) => each.id === body.queue_id);
      delete ticket.agent;
      delete ticket.queue;
      delete ticket.snoozed;
      if (agent) ticket.agent = reference(agent);
      if (queue) ticket.queue = placeOf(queue);
      ticket.state = agent ? 'open' : 'waiting';
      break;
    }
    case 'snooze':
      ticket.snoozed = { at: new Date().toISOString(), until_reply: body.until_reply ?? false, ...(body.until !== undefined && { until: body.until }), ...(body.reason !== undefined && { reason: body.reason }) };
      break;
    case 'wake':
      delete ticket.snoozed;
      break;
    default:
      // Closing, handing back and sending to a flow end the ticket.
      delete next.ticket;
      next.in_charge = act === 'hand-back' || act === 'flow' ? 'flow' : 'idle';
      next.last_ticket = { id, protocol: ticket.protocol, closed_at: new Date().toISOString(), closed_by: { kind: 'user', ...reference(me.user) } };
  }
  return next;
}

/** The account's own fields, with those that closing asks for. */
export const FIELDS: CustomField[] = [
  { id: 1, entity: 'contact', key: 'ultimo_pedido', name: 'Último pedido', kind: 'text', options: [], required: false, on_closing: 'optional' },
  { id: 2, entity: 'contact', key: 'plano', name: 'Plano', kind: 'list', options: ['Básico', 'Completo'], required: false, on_closing: 'no' },
  { id: 3, entity: 'ticket', key: 'categoria', name: 'Categoria', kind: 'list', options: ['Dúvida', 'Troca', 'Reclamação'], required: false, on_closing: 'required' },
];


const AGO = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** A conversation's tickets: the one that is open, and one of before. */
export function ticketsOf(api: MockApi, conversation: number): TicketSummary[] {
  const of = api.conversations.find((each) => each.id === conversation);
  const before: TicketSummary = {
    id: 12,
    conversation_id: conversation,
    protocol: '20261104000012',
    state: 'closed',
    origin: 'receptive',
    opened_by: { kind: 'flow', id: 3 },
    opened_at: AGO(38_000),
    closed_at: AGO(37_900),
    closed_by: { kind: 'user', id: 2, name: 'Bruno Castro' },
    reason: { id: 1, name: 'Resolvido' },
  };
  return of?.ticket ? [{ ...of.ticket, conversation_id: conversation }, before] : [before];
}

/** One ticket with its history. */
export function ticketDetail(api: MockApi, id: number): TicketDetail | undefined {
  const of = api.conversations.find((each) => each.ticket?.id === id) ?? api.conversations[0];
  const found = of && ticketsOf(api, of.id).find((each) => each.id === id);
  if (!of || !found) return undefined;
  return {
    ...found,
    contact: of.contact,
    events: [
      { kind: 'opened', actor: { kind: 'flow', id: 3 }, at: AGO(38_000) },
      { kind: 'queued', actor: { kind: 'rule' }, rule: 'initial_queue', queue: { id: 1, name: 'Suporte', color: '#0f766e' }, at: AGO(38_000) },
      { kind: 'accepted', actor: { kind: 'user', id: 2, name: 'Bruno Castro' }, agent: { id: 2, name: 'Bruno Castro' }, at: AGO(37_990) },
      { kind: 'closed', actor: { kind: 'user', id: 2, name: 'Bruno Castro' }, at: AGO(37_900) },
    ],
    temporal_url: `http://127.0.0.1:8233/namespaces/perene/workflows/ticket%2F${id}`,
  };
}

/** What is kept of people while the mock runs. */
export class MockPeople {
  changes = new Map<number, Partial<ContactDetail>>();
  notes: ContactNote[] = [{ id: 1, contact_id: 500, text: 'Prefere ser chamada à tarde.', author: { id: 2, name: 'Bruno Castro' }, created_at: AGO(3000) }];

  /** The answer to what is done with contacts, their labels and notes. */
  answer(method: string, path: string, raw: string, labels: readonly Label[], contact: (id: number) => ContactDetail | undefined): MockAnswer | undefined {
    const [, id = '', rest = ''] = /^\/v1\/contacts\/(\d+)(?:\/(.*))?$/.exec(path) ?? [];
    const body = (raw === '' ? {} : JSON.parse(raw)) as Record<string, unknown>;
    const note = /^\/v1\/contact-notes\/(\d+)$/.exec(path);
    if (note && method === 'DELETE') {
      this.notes = this.notes.filter((each) => each.id !== Number(note[1]));
      return { status: 204, body: undefined };
    }
    if (note && method === 'PATCH') {
      const changed = this.notes.find((each) => each.id === Number(note[1]));
      if (!changed) return problem(404, 'not_found', 'There is no such note.');
      changed.text = String(body.text);
      delete changed.due_at;
      delete changed.agent;
      if (typeof body.due_at === 'string') changed.due_at = body.due_at;
      const to = AGENTS.find((each) => each.id === body.agent_id);
      if (to) changed.agent = reference(to);
      return { status: 200, body: changed };
    }
    if (path === '/v1/contacts' && method === 'POST') {
      if (!/\d{8}/.test(String((body.phone as string | undefined) ?? '').replace(/\D/g, '')) && body.phone !== undefined) return { status: 422, body: { title: 'invalid', status: 422, code: 'invalid', detail: 'The phone is none.', request_id: 'req_1', errors: [{ location: 'body.phone', message: 'isto não é um telefone' }] } };
      const made = { ...contact(500)!, id: 990, name: String(body.name) };
      return { status: 201, body: made };
    }
    if (id === '' || method === 'GET') return undefined;
    const now = contact(Number(id));
    if (!now) return problem(404, 'not_found', 'There is no such contact.');
    if (rest === 'notes') {
      const made: ContactNote = { id: 100 + this.notes.length, contact_id: now.id, text: String(body.text), author: reference(me.user), created_at: new Date().toISOString() };
      const agent = AGENTS.find((each) => each.id === body.agent_id);
      if (agent) made.agent = reference(agent);
      if (typeof body.due_at === 'string') made.due_at = body.due_at;
      this.notes.unshift(made);
      return { status: 201, body: made };
    }
    const label = labels.find((each) => rest === `labels/${each.id}`);
    const change: Partial<ContactDetail> = label
      ? { labels: [...now.labels.filter((each) => each.id !== label.id), ...(method === 'PUT' ? [label] : [])] }
      : rest === 'block'
        ? { blocked_at: new Date().toISOString() }
        : this.#patched(now, body);
    const next = { ...this.changes.get(now.id), ...change };
    if (rest === 'unblock' || body.default_agent_id === 0) delete next[rest === 'unblock' ? 'blocked_at' : 'default_agent_id'];
    this.changes.set(now.id, next);
    return { status: 200, body: contact(now.id) };
  }

  #patched(now: ContactDetail, body: Record<string, unknown>): Partial<ContactDetail> {
    const change = { ...body } as Partial<ContactDetail>;
    if (body.fields) change.fields = { ...now.fields, ...(body.fields as ContactDetail['fields']) };
    if (body.custom_values) change.custom_values = { ...now.custom_values, ...(body.custom_values as ContactDetail['custom_values']) };
    return change;
  }
}
