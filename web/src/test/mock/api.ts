import type { Conversation, Message } from '../../api/types';
import { document, flow, flows, quarantine, run, runs, templates } from './flows.ts';
import { messages } from './messages.ts';
import { ago, connections, conversations, me, message } from './people.ts';

/** What the mock says to one request. */
export interface MockAnswer {
  status: number;
  body: unknown;
}

const ok = (body: unknown, status = 200): MockAnswer => (body === undefined ? problem(404, 'not_found', 'There is no such thing in this account.') : { status, body });
const page = <T>(data: T[]) => ok({ data, next_cursor: null, has_more: false });

/** An error as the API writes it. */
export function problem(status: number, code: string, detail: string): MockAnswer {
  return { status, body: { title: code, status, code, detail, request_id: 'req_9f2c41d0' } };
}

/** Answers as the API would, from fixtures: for looking at screens and for testing them. */
export class MockApi {
  readonly conversations: Conversation[];
  readonly messages: Message[];
  signedIn = true;
  seq = 1;
  /** Told of each change, as the stream of events would. */
  tell: (frame: { type: 'event'; seq: string; kind: string; conversation_id: number; entity_id: number }) => void = () => undefined;
  readonly #now: number;

  constructor(now: number) {
    this.#now = now;
    this.conversations = conversations(now);
    this.messages = messages(now);
  }

  /** The contact of the first conversation writes. */
  say(text: string): Message {
    const next = message((this.messages[0]?.id ?? 0) + 1, { content: { kind: 'text', text }, created_at: new Date(Math.max(Date.now(), this.#now)).toISOString() });
    this.messages.unshift(next);
    const conversation = this.conversations.find((each) => each.id === 900);
    if (conversation) {
      conversation.last_message = { id: next.id, direction: 'in', origin: 'contact', kind: 'text', status: 'received', preview: text };
      conversation.last_message_at = next.created_at;
      conversation.unread_count += 1;
    }
    this.event('message.created', 900, next.id);
    return next;
  }

  /** Changes a message, as a status would. */
  change(id: number, part: Partial<Message>): void {
    const at = this.messages.findIndex((each) => each.id === id);
    const old = this.messages[at];
    if (old) this.messages[at] = { ...old, ...part };
    this.event('message.updated', 900, id);
  }

  /** Tells of a change. */
  event(kind: string, conversation: number, entity: number): void {
    this.seq += 1;
    this.tell({ type: 'event', seq: `7.${this.seq}`, kind, conversation_id: conversation, entity_id: entity });
  }

  /** What the API would answer. */
  answer(method: string, url: URL, body = ''): MockAnswer {
    const path = url.pathname;
    const q = url.searchParams;
    const now = this.#now;
    const id = Number(/\/(\d+)(?:\/|$)/.exec(path)?.[1] ?? 0);
    const is = (pattern: RegExp) => pattern.test(path);
    if (body.includes('errada')) return problem(401, 'unauthenticated', 'E-mail or password do not match.');
    if (q.get('q') === 'erro') return problem(503, 'unavailable', 'The database does not answer now: try again.');
    if (path === '/v1/sign-in' && method === 'DELETE') {
      this.signedIn = false;
      return { status: 204, body: undefined };
    }
    if (path.startsWith('/v1/sign-in') && method === 'POST') {
      this.signedIn = true;
      return ok(me, 201);
    }
    if (!this.signedIn) return problem(401, 'unauthenticated', 'Sign in first.');
    if (path === '/v1/sign-in') return ok(me);
    if (path === '/v1/account') return ok({ ...me.account, custom_fields: customFields });
    if (path === '/v1/conversations') return page(filtered(this.conversations, q));
    if (is(/^\/v1\/conversations\/\d+$/)) return ok(this.conversations.find((each) => each.id === id));
    if (is(/^\/v1\/conversations\/\d+\/read$/)) {
      const conversation = this.conversations.find((each) => each.id === id);
      if (conversation) conversation.unread_count = 0;
      return ok(conversation);
    }
    if (is(/^\/v1\/conversations\/\d+\/messages$/)) {
      return page(id === 900 ? [...this.messages] : this.messages.slice(-3).map((each) => ({ ...each, conversation_id: id })));
    }
    if (is(/^\/v1\/messages\/\d+$/)) return ok(this.messages.find((each) => each.id === id));
    if (is(/^\/v1\/contacts\/\d+$/)) return ok(contact(this.conversations.find((each) => each.contact.id === id), now));
    if (path === '/v1/flow-runs') {
      const status = q.get('status');
      const kind = q.get('wait_kind');
      const node = q.get('node');
      const since = q.get('waiting_minutes') ? new Date(now - Number(q.get('waiting_minutes')) * 60_000).toISOString() : undefined;
      return page(
        runs(now).filter(
          (each) =>
            (!status || each.status === status) &&
            (!kind || each.wait_kind === kind) &&
            (!node || each.node === node) &&
            (!since || (each.status !== 'ended' && (each.wait_since ?? since) <= since)),
        ),
      );
    }
    if (is(/^\/v1\/flow-runs\/\d+$/)) return ok(run(now, id));
    if (path === '/v1/flows') return page(flows(now));
    if (is(/^\/v1\/flows\/\d+$/)) return ok(flow(now, id));
    if (is(/^\/v1\/flows\/\d+\/versions$/)) {
      return page([7, 6, 5].map((number) => ({ id: number * 10, number, note: '', created_at: ago(now, (8 - number) * 2000), active_runs: 2 })));
    }
    if (is(/^\/v1\/flows\/\d+\/versions\/\d+$/)) {
      return ok({ id: 70, number: Number(path.split('/').at(-1)), note: '', created_at: ago(now, 2000), active_runs: 2, flow_id: id, graph: document });
    }
    if (path === '/v1/connections') return page(connections(now));
    if (path === '/v1/templates') return page(templates(now));
    if (path === '/v1/quarantine') return page(q.get('resolved') === 'true' ? [] : quarantine(now));
    return problem(404, 'not_found', 'There is no such operation.');
  }
}

/** The account's own fields of contacts. */
const customFields = [
  { entity: 'contact', key: 'ultimo_pedido', name: 'Último pedido', kind: 'text', options: [], required: false },
  { entity: 'contact', key: 'plano', name: 'Plano', kind: 'list', options: ['Básico', 'Completo'], required: false },
];

function filtered(all: Conversation[], q: URLSearchParams): Conversation[] {
  const words = q.get('q')?.toLocaleLowerCase() ?? '';
  return all
    .filter((each) => !q.has('number') || each.number === Number(q.get('number')))
    .filter((each) => words === '' || each.contact.name.toLocaleLowerCase().includes(words) || String(each.number) === words)
    .filter((each) => q.get('unread') !== 'true' || each.unread_count > 0)
    .filter((each) => !q.get('in_charge') || each.in_charge === q.get('in_charge'))
    .filter((each) => !q.get('window') || each.window_state === q.get('window'))
    .sort((a, b) => Date.parse(b.last_message_at ?? '') - Date.parse(a.last_message_at ?? ''));
}

function contact(of: Conversation | undefined, now: number): unknown {
  if (!of) return undefined;
  return {
    ...of.contact,
    profile_name: `${of.contact.name.split(' ')[0]} 🌻`,
    email: 'marina@exemplo.com.br',
    fields: { cpf: '123.456.789-09', birth_date: '1988-04-12' },
    custom_values: { ultimo_pedido: '20931', plano: 'Completo' },
    labels: [
      { id: 1, name: 'Cliente fiel', color: '#0f766e' },
      { id: 2, name: 'Troca', color: '#b45309' },
    ],
    broadcast_enabled: true,
    created_at: ago(now, 60_000),
    updated_at: ago(now, 60),
    identities: [
      { kind: 'phone', value: of.contact.phone, address: of.contact.phone },
      { kind: 'bsuid', value: 'BR.13491208655302741918', address: 'BR.13491208655302741918' },
    ],
    conversations: [],
  };
}
