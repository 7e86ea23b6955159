import type { Content, Draft, Message } from '../../api/types';
import { problem, type MockAnswer, type MockApi } from './api.ts';
import { me, message } from './people.ts';

/** Sends as the server does: the same reference gives the same message, and a closed window refuses. */
function send(api: MockApi, conversation: number, { content, client_ref: ref }: { content: Content; client_ref?: string }): MockAnswer {
  const repeated = api.messages.find((each) => ref !== undefined && each.client_ref === ref);
  if (repeated) return { status: 201, body: repeated };
  const place = api.conversations.find((each) => each.id === conversation);
  if (!place) return problem(404, 'not_found', 'There is no such conversation.');
  if (place.contact.blocked) return problem(409, 'contact_blocked', 'The contact is blocked.');
  if (!place.window_open && !place.may_hold && content.kind !== 'template') return problem(409, 'window_closed', 'The 24-hour window is closed.');
  const held = !place.window_open && content.kind !== 'template';
  const next = message(api.newId(), {
    conversation_id: conversation,
    direction: 'out',
    origin: 'agent',
    author: { id: me.user.id, name: me.user.name },
    content,
    status: held ? 'held' : 'queued',
    actions: ['cancel'],
    created_at: new Date().toISOString(),
    ...(ref !== undefined && { client_ref: ref }),
  });
  if (!place.window_open && content.kind === 'template') place.may_hold = true;
  if (held) place.held_count += 1;
  api.add(next);
  return { status: 201, body: next };
}

/** Writes a note, which no channel sees. */
function note(api: MockApi, conversation: number, { text, client_ref: ref }: { text: string; client_ref?: string }): MockAnswer {
  const next = message(api.newId(), {
    conversation_id: conversation,
    direction: 'note',
    origin: 'agent',
    author: { id: me.user.id, name: me.user.name },
    content: { kind: 'text', text },
    created_at: new Date().toISOString(),
    ...(ref !== undefined && { client_ref: ref }),
  });
  api.add(next);
  return { status: 201, body: next };
}

/** Fills in the variables the mock knows. */
function render(api: MockApi, conversation: number, text: string): MockAnswer {
  const name = api.conversations.find((each) => each.id === conversation)?.contact.name ?? '';
  const known: Record<string, string> = { nome: name, primeiro_nome: name.split(' ')[0] ?? '', empresa: 'Loja Exemplo', saudacao: 'Boa tarde' };
  const missing: string[] = [];
  const filled = text.replace(/\{\s*([\p{L}_][\p{L}\p{N}_.]*)\s*\}/gu, (whole, variable: string) => {
    if (known[variable] === undefined) missing.push(variable);
    return known[variable] ?? whole;
  });
  return { status: 200, body: { text: filled, missing } };
}

/** Keeps a draft by its revision. */
function draft(api: MockApi, method: string, name: string, body: string): MockAnswer {
  const there = api.written.get(name);
  if (method === 'GET') return there ? { status: 200, body: there } : problem(404, 'not_found', 'There is no draft.');
  if (method === 'DELETE') {
    api.written.delete(name);
    return { status: 204, body: undefined };
  }
  const { body: words, revision } = JSON.parse(body) as { body: Draft['body']; revision: number };
  if (there && revision < there.revision) return problem(409, 'conflict', 'Another device has changed the draft.');
  const [conversation, mode] = name.split('/');
  const next: Draft = { conversation_id: Number(conversation), mode: mode as Draft['mode'], body: words, revision: revision + 1, updated_at: new Date().toISOString() };
  api.written.set(name, next);
  return { status: 200, body: next };
}

/** An uploaded file: what it is cannot be told from a form's text. */
function uploaded(): MockAnswer {
  return { status: 201, body: { id: 1, state: 'stored', kind: 'image', mime_type: 'image/png', filename: 'foto.png', size: 2048, url: '/v1/media/1/content', created_at: new Date().toISOString() } };
}

const ACTIONS: Record<string, Partial<Message>> = {
  cancel: { status: 'cancelled', actions: [] },
  'cancel-retry': { status: 'failed', actions: [] },
  'retry-now': { status: 'queued', actions: ['cancel'] },
  resend: { status: 'queued', actions: ['cancel'] },
};

/** The answer to something that changes a conversation; undefined when it is no such call. */
export function writeOf(api: MockApi, method: string, path: string, body: string): MockAnswer | undefined {
  const drafted = /^\/v1\/conversations\/(\d+)\/drafts\/(reply|note)$/.exec(path);
  if (drafted) return draft(api, method, `${drafted[1]}/${drafted[2]}`, body);
  const farewell = /^\/v1\/conversations\/(\d+)\/farewell$/.exec(path);
  if (farewell) return render(api, Number(farewell[1]), api.profile.closing_text ?? '');
  if (method !== 'POST') return undefined;
  const sent = /^\/v1\/conversations\/(\d+)\/messages$/.exec(path);
  if (sent) return send(api, Number(sent[1]), JSON.parse(body) as { content: Content; client_ref?: string });
  const noted = /^\/v1\/conversations\/(\d+)\/notes$/.exec(path);
  if (noted) return note(api, Number(noted[1]), JSON.parse(body) as { text: string; client_ref?: string });
  const rendered = /^\/v1\/conversations\/(\d+)\/render$/.exec(path);
  if (rendered) return render(api, Number(rendered[1]), (JSON.parse(body) as { text: string }).text);
  if (path === '/v1/media') return uploaded();
  const acted = /^\/v1\/messages\/(\d+)\/([a-z-]+)$/.exec(path);
  const change = ACTIONS[acted?.[2] ?? ''];
  if (acted && change) {
    api.change(Number(acted[1]), change);
    return { status: 200, body: api.messages.find((each) => each.id === Number(acted[1])) };
  }
  return undefined;
}
