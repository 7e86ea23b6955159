import type { ClosingReason, CustomField, Label, Profile, Queue, Survey, SurveyRule } from '../../api/types';
import type { MockAnswer, MockApi } from './api.ts';
import { me } from './people.ts';
import { cannedResponses } from './writing.ts';

type Thing = { id: number; name: string; archived_at?: string };

/** What the account's administrators set up. */
export function freshSettings(now: number) {
  const queues: Queue[] = [
    { id: 1, name: 'Suporte', color: '#0f766e', bot_order: 1, write_lock: true, lease_minutes: 30, members: [1, 3] },
    { id: 2, name: 'Financeiro', color: '#b45309', bot_order: 2, write_lock: false, members: [1] },
    { id: 3, name: 'Vendas', color: '#2563eb', bot_order: 3, write_lock: false, members: [1, 2, 3] },
    { id: 4, name: 'Ouvidoria', color: '#9333ea', bot_order: 0, write_lock: false, members: [] },
  ];
  const labels: Label[] = [
    { id: 1, name: 'Cliente fiel', color: '#0f766e', automation_only: false },
    { id: 2, name: 'Troca', color: '#b45309', automation_only: false },
    { id: 3, name: 'VIP', color: '#9333ea', automation_only: false },
    { id: 4, name: 'Robô', color: '#64748b', automation_only: true },
  ];
  const fields: CustomField[] = [
    { id: 1, entity: 'contact', key: 'ultimo_pedido', name: 'Último pedido', kind: 'text', options: [], required: false, on_closing: 'no' },
    { id: 2, entity: 'contact', key: 'plano', name: 'Plano', kind: 'list', options: ['Básico', 'Completo'], required: true, on_closing: 'optional' },
    { id: 3, entity: 'ticket', key: 'satisfacao', name: 'Satisfação', kind: 'number', options: [], required: false, on_closing: 'required' },
  ];
  const reasons: ClosingReason[] = [
    { id: 1, name: 'Resolvido' },
    { id: 2, name: 'Sem resposta do cliente' },
    { id: 3, name: 'Engano' },
  ];
  const survey = { thanks: 'Obrigado!', comment_question: '', reminder_minutes: 0, expiry_hours: 24, external_url: '', template_name: '', template_language: '' };
  const surveys: Survey[] = [
    { id: 1, name: 'Atendimento', question: 'Avalie esta conversa', scale: 'faces', ...survey },
    { id: 2, name: 'Indicação', question: 'Quanto você nos indicaria?', scale: 'nps', ...survey },
  ];
  return { queues, labels, surveys, 'canned-responses': cannedResponses(now), 'custom-fields': fields, 'closing-reasons': reasons };
}

/** The profile of the mock's user. */
export function freshProfile(): Profile {
  return { ...me.user, closing_text: 'Obrigado pelo contato, {nome}!', preferences: {} };
}

const page = (data: unknown[]): MockAnswer => ({ status: 200, body: { data, next_cursor: null, has_more: false } });

function taken(word: string, archived: boolean): MockAnswer {
  const why = archived ? 'archived' : 'taken';
  const message = 'another one has this ' + word;
  return {
    status: 409,
    body: { title: 'Conflict', status: 409, code: 'conflict', key: `settings.${word}_${why}`, detail: message, request_id: 'req_9f2c41d0', errors: [{ location: `body.${word}`, message }] },
  };
}

const sorted = (things: Thing[]) => things.sort((a, b) => orderOf(a) - orderOf(b));
const orderOf = (thing: Thing) => ('bot_order' in thing && typeof thing.bot_order === 'number' ? thing.bot_order || 999 : 0);

/** The answer to a read or a change of settings; undefined when it is none. */
export function settingsAnswer(api: MockApi, method: string, url: URL, body: string): MockAnswer | undefined {
  if (url.pathname === '/v1/me') {
    if (method === 'PATCH') {
      const { preferences, ...rest } = JSON.parse(body) as Partial<Profile>;
      Object.assign(api.profile, rest, { preferences: { ...api.profile.preferences, ...preferences } });
    }
    return { status: 200, body: api.profile };
  }
  if (url.pathname === '/v1/surveys/rule') {
    if (method === 'PUT') api.surveyRule = (JSON.parse(body) as { on_closing: SurveyRule }).on_closing;
    return { status: 200, body: { on_closing: api.surveyRule } };
  }
  const canned = /^\/v1\/canned-responses(?:\/(\d+))?$/.exec(url.pathname);
  if (canned) return cannedAnswer(api, method, url, Number(canned[1]), body);
  const match = /^\/v1\/(queues|labels|custom-fields|closing-reasons|surveys)(?:\/(order|\d+)(\/restore)?)?$/.exec(url.pathname);
  if (!match) return undefined;
  const kind = match[1] as Exclude<keyof typeof api.settings, 'canned-responses'>;
  const things = api.settings[kind] as Thing[];
  const inUse = () => page(sorted(things.filter((each) => each.archived_at === undefined)));
  if (method === 'GET') return url.searchParams.get('archived') === 'true' ? page(things.filter((each) => each.archived_at !== undefined)) : inUse();
  if (match[2] === 'order') {
    const { ids } = JSON.parse(body) as { ids: number[] };
    const place = (thing: Thing) => (ids.includes(thing.id) ? ids.indexOf(thing.id) : ids.length);
    things.sort((a, b) => place(a) - place(b));
    if (kind === 'queues') for (const queue of api.settings.queues) queue.bot_order = ids.indexOf(queue.id) + 1;
    return inUse();
  }
  const thing = things.find((each) => each.id === Number(match[2]));
  if (match[2] !== undefined && !thing) return { status: 404, body: { title: 'Not Found', status: 404, code: 'not_found', detail: 'No such thing.' } };
  if (thing && method === 'DELETE') thing.archived_at = new Date().toISOString();
  else if (thing && match[3]) delete thing.archived_at;
  else return save(things, thing, JSON.parse(body) as Partial<Thing>);
  return { status: 200, body: thing };
}

function cannedAnswer(api: MockApi, method: string, url: URL, id: number, body: string): MockAnswer {
  const all = api.settings['canned-responses'];
  const words = url.searchParams.get('q')?.toLowerCase() ?? '';
  if (method === 'GET') return page(all.filter((each) => `${each.code} ${each.text}`.toLowerCase().includes(words)));
  const at = all.findIndex((each) => each.id === id);
  if (method === 'DELETE') {
    all.splice(at, 1);
    return { status: 204, body: undefined };
  }
  const { code, text } = JSON.parse(body) as { code: string; text: string };
  if (all.some((each) => each.id !== id && each.code.toLowerCase() === code.toLowerCase())) {
    return { status: 409, body: { title: 'Conflict', status: 409, code: 'conflict', detail: 'Another response has this code.' } };
  }
  const now = new Date().toISOString();
  const kept = { created_at: now, files: [], ...all[at], id: at < 0 ? 50 + all.length : id, code, text, updated_at: now };
  if (at < 0) all.push(kept);
  else all[at] = kept;
  return { status: at < 0 ? 201 : 200, body: kept };
}

function save(things: Thing[], thing: Thing | undefined, change: Partial<Thing>): MockAnswer {
  const other = things.find((each) => each !== thing && change.name !== undefined && each.name.toLowerCase() === change.name.trim().toLowerCase());
  if (other) return taken('name', other.archived_at !== undefined);
  if (thing) return { status: 200, body: Object.assign(thing, change) };
  const made = { options: [], members: [], ...change, id: Math.max(0, ...things.map(({ id }) => id)) + 1, name: change.name ?? '' };
  things.push(made);
  return { status: 201, body: made };
}
