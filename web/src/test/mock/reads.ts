import type { Conversation, ContactDetail, FlowRun, Reads } from '../../api/types';
import type { MockApi } from './api.ts';
import { AGENTS, ticketDetail, ticketsOf } from './desk.ts';
import { document, quarantine, run, runs, templates } from './flows.ts';
import { counted, listed, QUEUES, withLists } from './inbox.ts';
import { ago, connections, LABELS, me } from './people.ts';
import { scheduledAs } from './scheduled.ts';
import { cannedResponses, capabilities, users } from './writing.ts';

/** What a read is asked with. */
interface Asked {
  api: MockApi;
  now: number;
  q: URLSearchParams;
  /** The first number in the path, and the second. */
  id: number;
  number: number;
}

type Answers = { [Path in keyof Reads]?: (asked: Asked) => Reads[Path] | undefined };

const quotas = [
  { name: 'api_tokens', most: 200, used: 4 },
  { name: 'connections', most: 200, used: 3 },
  { name: 'flows', most: 2000, used: 31 },
  { name: 'labels', most: 2000, used: 1764 },
  { name: 'quarantine', most: 5000, used: 5000, dropped: 1250 },
  { name: 'unused_upload_bytes', most: 2_147_483_648, used: 15_728_640 },
  { name: 'quarantine_bytes', most: 128_000_000, used: 31_457_280, dropped: 7_340_032 },
  { name: 'users', most: 5000, used: 18 },
];

const page = <T>(data: T[]) => ({ data, next_cursor: null, has_more: false });

/** A list in two pages, where it is longer than one. */
const inTwo = <T>(data: T[], most: number, q: URLSearchParams) => {
  if (q.has('cursor')) return page(data.slice(most));
  return { ...page(data.slice(0, most)), has_more: data.length > most, next_cursor: data.length > most ? 'more' : null };
};

// One answer for each read the console makes, by the contract's path and in its type. No answer is 404.
const READS: Answers = {
  '/v1/sign-in': () => me,
  '/v1/account': () => ({ ...me.account, custom_fields: customFields }),
  '/v1/account/quotas': () => ({ data: quotas }),
  '/v1/conversations': ({ api, q }) => inTwo(listed(api.conversations, q, api.messages, api), api.pageOf, q),
  '/v1/conversations/{id}': ({ api, id }) => withLists(api.conversations.find((each) => each.id === id)),
  '/v1/conversations/{id}/messages': ({ api, id }) =>
    page([
      ...api.messages.filter((each) => each.conversation_id === id),
      ...(id === 900 ? [] : api.messages.slice(-3).map((each) => ({ ...each, conversation_id: id }))),
    ]),
  '/v1/conversations/{id}/messages/search': ({ api, id, q }) => page(api.messages.filter((each) => each.conversation_id === id && folded(each.content.text || each.content.media?.caption || '').includes(folded(q.get('q') ?? '')))),
  '/v1/messages/{id}': ({ api, id }) => api.messages.find((each) => each.id === id),
  '/v1/contacts': ({ api, q, now }) =>
    page(
      people(api.conversations, q.get('q') ?? '', now)
        .map((each) => ({ ...each, ...api.people.changes.get(each.id) }))
        .filter((each) => q.get('blocked') === null || (each.blocked_at !== undefined) === (q.get('blocked') === 'true')),
    ),
  '/v1/contacts/{id}': ({ api, id, now }) => contactOf(api, id, now),
  '/v1/contacts/{id}/notes': ({ api }) => page(api.people.notes),
  '/v1/conversations/{id}/tickets': ({ api, id }) => page(ticketsOf(api, id)),
  '/v1/tickets/{id}': ({ api, id }) => ticketDetail(api, id),
  '/v1/sending-connections': () => page([{ id: 1, name: 'Atendimento', channel: 'whatsapp_cloud', state: 'active' as const, display_phone: '+55 81 3333-0000', is_default: true, is_mine: false }]),
  '/v1/agents': () => page(AGENTS),
  '/v1/me': () => ({ ...me.user, closing_text: 'Obrigada pelo contato!', preferences: {} }),
  '/v1/flow-runs': ({ now, q }) => page(filteredRuns(runs(now), q, now)),
  '/v1/flow-runs/{id}': ({ now, id }) => run(now, id),
  '/v1/flows': ({ api, q }) => page(api.flows.all(q.get('archived') === 'true')),
  '/v1/flows/{id}': ({ api, id }) => api.flows.one(id),
  '/v1/flows/{id}/versions': ({ now }) => page([7, 6, 5].map((number) => release(now, number, (8 - number) * 2000))),
  '/v1/flows/{id}/versions/{number}': ({ now, id, number }) => ({ ...release(now, number, 2000), flow_id: id, graph: document }),
  '/v1/connections': ({ now }) => page(connections(now)),
  '/v1/connections/{id}/capabilities': () => capabilities,
  '/v1/canned-responses': ({ now }) => page(cannedResponses(now)),
  '/v1/users': () => page(users),
  '/v1/templates': ({ now }) => page(templates(now)),
  '/v1/conversations/counts': ({ api, q }) => counted(api.conversations, q, api),
  '/v1/drafts': ({ api }) => page(api.drafts),
  '/v1/labels': () => page(LABELS.map((each) => ({ ...each, automation_only: false }))),
  '/v1/queues': () => page([...QUEUES]),
  '/v1/scheduled-messages': ({ api, q }) => page(scheduledAs(api.scheduled, q)),
  '/v1/quarantine': ({ now, q }) => page(q.get('resolved') === 'true' ? [] : quarantine(now)),
};

const patterns = Object.entries(READS).map(([path, answer]) => ({ pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '(\\d+)')}$`), answer }));

/** The answer to a path and the numbers in it. */
export function readOf(path: string): { answer: (asked: Asked) => unknown; ids: number[] } | undefined {
  for (const { pattern, answer } of patterns) {
    const match = pattern.exec(path);
    if (match) return { answer, ids: match.slice(1).map(Number) };
  }
  return undefined;
}

function release(now: number, number: number, minutes: number) {
  return { id: number * 10, number, note: '', created_at: ago(now, minutes), active_runs: 2 };
}

function filteredRuns(all: FlowRun[], q: URLSearchParams, now: number): FlowRun[] {
  const status = q.get('status');
  const kind = q.get('wait_kind');
  const node = q.get('node');
  const since = q.get('waiting_minutes') ? new Date(now - Number(q.get('waiting_minutes')) * 60_000).toISOString() : undefined;
  return all.filter(
    (each) =>
      (!status || each.status === status) &&
      (!kind || each.wait_kind === kind) &&
      (!node || each.node === node) &&
      (!since || (each.status !== 'ended' && (each.wait_since ?? since) <= since)),
  );
}

/** The account's own fields of contacts. */
const customFields: Reads['/v1/account']['custom_fields'] = [
  { id: 1, entity: 'contact', key: 'ultimo_pedido', name: 'Último pedido', kind: 'text', options: [], required: false, on_closing: 'no' },
  { id: 2, entity: 'contact', key: 'plano', name: 'Plano', kind: 'list', options: ['Básico', 'Completo'], required: false, on_closing: 'optional' },
];

/** Words as the server compares them: without accents and capitals. */
const folded = (words: string) => words.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

function people(all: Conversation[], words: string, now: number): ContactDetail[] {
  const digits = words.replace(/\D/g, '');
  return all
    .filter(({ contact: { name, phone } }) => folded(name).includes(folded(words)) || (digits.length > 3 && (phone ?? '').includes(digits)))
    .flatMap((each) => contact(each, now) ?? []);
}

/** A contact, with what was changed of it. */
export function contactOf(api: MockApi, id: number, now: number): ContactDetail | undefined {
  const found = contact(
    api.conversations.find((each) => each.contact.id === id),
    now,
  );
  return found && { ...found, ...api.people.changes.get(id) };
}

function contact(of: Conversation | undefined, now: number): ContactDetail | undefined {
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
      { kind: 'phone', value: of.contact.phone ?? '', address: of.contact.phone ?? '' },
      { kind: 'bsuid', value: 'BR.13491208655302741918', address: 'BR.13491208655302741918' },
    ],
    conversations: [],
  };
}
