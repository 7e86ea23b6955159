import type { Content, Message } from '../../api/types';
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

const ACTIONS: Record<string, Partial<Message>> = {
  cancel: { status: 'cancelled', actions: [] },
  'cancel-retry': { status: 'failed', actions: [] },
  'retry-now': { status: 'queued', actions: ['cancel'] },
  resend: { status: 'queued', actions: ['cancel'] },
};

/** The answer to something that changes a conversation; undefined when it is no such call. */
export function writeOf(api: MockApi, method: string, path: string, body: string): MockAnswer | undefined {
  if (method !== 'POST') return undefined;
  const sent = /^\/v1\/conversations\/(\d+)\/messages$/.exec(path);
  if (sent) return send(api, Number(sent[1]), JSON.parse(body) as { content: Content; client_ref?: string });
  const acted = /^\/v1\/messages\/(\d+)\/([a-z-]+)$/.exec(path);
  const change = ACTIONS[acted?.[2] ?? ''];
  if (acted && change) {
    api.change(Number(acted[1]), change);
    return { status: 200, body: api.messages.find((each) => each.id === Number(acted[1])) };
  }
  return undefined;
}
