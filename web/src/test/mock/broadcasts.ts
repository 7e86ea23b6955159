import type { Broadcast, BroadcastRecipient, Content } from '../../api/types';
import { problem, type MockAnswer } from './api.ts';
import { me } from './people.ts';

const MINUTE = 60_000;
const offer: Content = { kind: 'template', text: 'Oi {{ contact.first_name }}, chegaram *novidades* na loja.', footer: 'Loja Exemplo', template: { name: 'novidades_da_loja', language: 'pt_BR' } };

function fresh(now: number): Broadcast[] {
  const ago = (minutes: number) => new Date(now - minutes * MINUTE).toISOString();
  const base = {
    connection: { id: 1, name: 'Atendimento' },
    content: offer,
    audience: { labels: [1] },
    on_reply: 'rules' as const,
    opt_out: { words: ['Sair'], text: '' },
    per_minute: 600,
    timezone: 'America/Sao_Paulo',
    canary: { size: 0, minutes: 0, most_failed: 0, most_opt_outs: 0 },
    canary_over: false,
    author: { id: me.user.id, name: me.user.name },
    created_at: ago(300),
  };
  const counts = { waiting: 0, left_out: 0, queued: 0, sent: 0, delivered: 0, read: 0, failed: 0, replied: 0, opted_out: 0, billable: 0 };
  return [
    {
      ...base,
      id: 3,
      name: 'Oferta de maio',
      state: 'running',
      total: 2400,
      started_at: ago(2),
      next_at: ago(0),
      counts: { ...counts, waiting: 900, left_out: 60, queued: 20, sent: 120, delivered: 500, read: 770, failed: 30, replied: 41, opted_out: 6, billable: 1300 },
      left_out: [
        { why: 'opted_out', people: 40 },
        { why: 'missing_value', people: 20 },
      ],
      temporal_url: 'http://127.0.0.1:8233/namespaces/perene/workflows/broadcast%2F3',
    },
    { ...base, id: 2, name: 'Teste de junho', state: 'paused', reason: 'failures', total: 5000, started_at: ago(90), canary: { size: 200, minutes: 30, most_failed: 10, most_opt_outs: 3 }, counts: { ...counts, waiting: 4800, failed: 60, delivered: 140 }, left_out: [] },
    { ...base, id: 1, name: 'Rascunho de julho', state: 'draft', total: 0, counts, left_out: [] },
  ];
}

const recipients: BroadcastRecipient[] = [
  { place: 1, part: 'read', contact_id: 1, name: 'Marina Albuquerque', phone: '+5581988880001', conversation: { id: 900, number: 1042 }, message_id: 70, message_state: 'accepted', sent_at: '2026-11-20T12:00:00Z', read_at: '2026-11-20T12:03:00Z', replied_at: '2026-11-20T12:05:00Z' },
  { place: 2, part: 'failed', contact_id: 2, name: 'João Pedro Nogueira', phone: '+5581988880002', message_id: 71, message_state: 'failed', error_code: 131026, failed_at: '2026-11-20T12:01:00Z' },
  { place: 3, part: 'left_out', why: 'missing_value', detail: 'contact.first_name', phone: '+5581988880003' },
];

/** Broadcasts of the made-up account. */
export class MockBroadcasts {
  readonly all: Broadcast[];
  /** The bodies of what was asked to be stored or previewed, the latest last. */
  readonly asked: { path: string; body: Record<string, unknown> }[] = [];

  constructor(now: number) {
    this.all = fresh(now);
  }

  /** What the API answers; undefined: it is about something else. */
  answer(method: string, url: URL, body: string): MockAnswer | undefined {
    const match = /^\/v1\/broadcasts(?:\/(preview|\d+)(?:\/(\w+))?)?$/.exec(url.pathname);
    if (!match) return undefined;
    const [, which, act] = match;
    const page = (data: unknown) => ({ status: 200, body: { data, next_cursor: null, has_more: false } });
    const given = body ? (JSON.parse(body) as Record<string, unknown>) : {};
    if (method !== 'GET') this.asked.push({ path: url.pathname, body: given });
    if (which === undefined && method === 'GET') return page(this.all);
    if (which === 'preview') {
      const template = given['template'] as Content['template'];
      const sample = { contact_id: 1, name: 'Marina Albuquerque', phone: '+5581988880001', content: { kind: 'template' as const, template, text: 'Oi Marina, chegaram novidades na loja.' }, missing: [] };
      return { status: 200, body: { people: 128, left_out: [{ why: 'opted_out', people: 7 }], samples: [sample], forecast_seconds: 13 } };
    }
    if (which === undefined) {
      const made: Broadcast = { ...this.all[2]!, id: 4, name: String(given['name']), content: { kind: 'template', template: given['template'] as Content['template'] } };
      this.all.unshift(made);
      return { status: 201, body: made };
    }
    const found = this.all.find(({ id }) => id === Number(which));
    if (!found) return problem(404, 'not_found', 'There is no such broadcast.');
    if (act === 'recipients') return page(recipients.filter(({ part }) => !url.searchParams.get('part') || part === url.searchParams.get('part')));
    const next = { pause: 'paused', resume: 'running', cancel: 'cancelled', send: 'scheduled' } as const;
    if (act && act in next) {
      found.state = next[act as keyof typeof next];
      delete found.reason;
      if (act === 'pause') found.reason = 'user';
    }
    if (method === 'PATCH' && typeof given['per_minute'] === 'number') found.per_minute = given['per_minute'];
    return { status: 200, body: found };
  }
}
