import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Conversation, Message } from '../../api/types';
import { flow, flows, document, quarantine, run, runs, templates } from './flows.ts';
import { messages } from './messages.ts';
import { ago, connections, conversations, me, message } from './people.ts';

type Respond = (body: unknown, status?: number) => void;

/** A short tone, so that the player has something to play. */
function tone(): Buffer {
  const rate = 8000;
  const samples = rate * 2;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i += 1) wav.writeInt16LE(Math.round(Math.sin(i / 6) * 8000), 44 + i * 2);
  return wav;
}

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><rect width="800" height="600" fill="#c8b8a2"/><rect x="250" y="140" width="300" height="360" rx="24" fill="#3b3b3f"/><rect x="290" y="190" width="220" height="120" rx="12" fill="#9fb8bf"/><circle cx="400" cy="410" r="46" fill="#d94f3d"/><path d="M250 470l90-80 40 60 60-90 110 130z" fill="#6f675d" opacity=".6"/></svg>`;
const STICKER = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><circle cx="50" cy="50" r="46" fill="#ffd54a"/><circle cx="35" cy="42" r="6"/><circle cx="65" cy="42" r="6"/><path d="M28 60q22 26 44 0" fill="none" stroke="#000" stroke-width="6" stroke-linecap="round"/></svg>`;

/**
 * Answers as the API would, from fixtures, so that screens can be looked at without the stack. Only for development:
 * `PERENE_MOCK=1 npm run dev`. Signing in takes any password but "errada".
 */
export function mockApi(): Plugin {
  const now = Date.now();
  let signedIn = process.env.PERENE_MOCK !== 'out';
  const state = { conversations: conversations(now), messages: messages(now), seq: 1 };
  const sockets = new Set<WebSocket>();

  const tell = (kind: string, conversation: number, entity: number) => {
    state.seq += 1;
    const event = JSON.stringify({ type: 'event', seq: `7.${state.seq}`, kind, conversation_id: conversation, entity_id: entity });
    for (const socket of sockets) socket.send(event);
  };
  const page = <T>(data: T[]) => ({ data, next_cursor: null, has_more: false });

  const arrive = (text: string) => {
    const next: Message = message((state.messages[0]?.id ?? 0) + 1, { content: { kind: 'text', text }, created_at: new Date().toISOString() });
    state.messages.unshift(next);
    const conversation = state.conversations.find((each) => each.id === 900);
    if (conversation) {
      conversation.last_message = { id: next.id, direction: 'in', origin: 'contact', kind: 'text', status: 'received', preview: text };
      conversation.last_message_at = next.created_at;
      conversation.unread_count += 1;
    }
    tell('message.created', 900, next.id);
  };

  function answer(method: string, url: URL, respond: Respond): boolean {
    const path = url.pathname;
    const q = url.searchParams;
    const id = Number(/\/(\d+)(?:\/|$)/.exec(path)?.[1] ?? 0);
    if (path === '/__mock/say') {
      arrive(q.get('text') ?? 'Oi');
      respond({});
    } else if (path === '/v1/session' && method === 'DELETE') {
      signedIn = false;
      respond(undefined, 204);
    } else if (path.startsWith('/v1/session') && method === 'POST') {
      signedIn = true;
      respond(me, 201);
    } else if (!signedIn) {
      respond({ title: 'Unauthorized', status: 401, code: 'unauthenticated', detail: 'Sign in first.', request_id: 'req_01' }, 401);
    } else if (path === '/v1/session') respond(me);
    else if (path === '/v1/conversations') respond(page(filtered(state.conversations, q)));
    else if (/^\/v1\/conversations\/\d+$/.test(path)) respond(state.conversations.find((each) => each.id === id));
    else if (/^\/v1\/conversations\/\d+\/read$/.test(path)) {
      const conversation = state.conversations.find((each) => each.id === id);
      if (conversation) conversation.unread_count = 0;
      respond(conversation);
    } else if (/^\/v1\/conversations\/\d+\/messages$/.test(path)) {
      respond(page(id === 900 ? state.messages : state.messages.slice(-3).map((each) => ({ ...each, conversation_id: id }))));
    } else if (/^\/v1\/messages\/\d+$/.test(path)) respond(state.messages.find((each) => each.id === id));
    else if (/^\/v1\/contacts\/\d+$/.test(path)) respond(contact(state.conversations.find((each) => each.contact.id === id), now));
    else if (path === '/v1/flow-runs') {
      const status = q.get('status');
      const kind = q.get('wait_kind');
      respond(page(runs(now).filter((each) => (!status || each.status === status) && (!kind || each.wait_kind === kind))));
    } else if (/^\/v1\/flow-runs\/\d+$/.test(path)) respond(run(now, id));
    else if (path === '/v1/flows') respond(page(flows(now)));
    else if (/^\/v1\/flows\/\d+$/.test(path)) respond(flow(now, id));
    else if (/^\/v1\/flows\/\d+\/versions$/.test(path)) {
      respond(page([7, 6, 5].map((number) => ({ id: number * 10, number, note: '', created_at: ago(now, (8 - number) * 2000), active_runs: 2 }))));
    } else if (/^\/v1\/flows\/\d+\/versions\/\d+$/.test(path)) {
      respond({ id: 70, number: Number(path.split('/').at(-1)), note: '', created_at: ago(now, 2000), active_runs: 2, flow_id: id, graph: document });
    } else if (path === '/v1/connections') respond(page(connections(now)));
    else if (path === '/v1/templates') respond(page(templates(now)));
    else if (path === '/v1/quarantine') respond(page(q.get('resolved') === 'true' ? [] : quarantine(now)));
    else return false;
    return true;
  }

  function handle(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const url = new URL(request.url ?? '/', 'http://mock');
    const media = /^\/v1\/media\/(\d+)\/content$/.exec(url.pathname)?.[1];
    if (media === '2') {
      response.setHeader('Content-Type', 'audio/wav');
      response.end(tone());
      return;
    }
    if (media !== undefined) {
      response.setHeader('Content-Type', 'image/svg+xml');
      response.end(media === '4' ? STICKER : PICTURE);
      return;
    }
    if (!url.pathname.startsWith('/v1/') && !url.pathname.startsWith('/__mock/')) {
      next();
      return;
    }
    let raw = '';
    request.on('data', (chunk: Buffer) => (raw += chunk.toString()));
    request.on('end', () => {
      const problem = (status: number, code: string, detail: string) => send({ title: code, status, code, detail, request_id: 'req_9f2c41d0' }, status);
      const send: Respond = (body, status = 200) => {
        if (body === undefined && status === 200) {
          problem(404, 'not_found', 'There is no such thing in this account.');
          return;
        }
        response.statusCode = status;
        response.setHeader('Content-Type', status >= 400 ? 'application/problem+json' : 'application/json');
        response.end(body === undefined ? '' : JSON.stringify(body));
      };
      if (raw.includes('errada')) problem(401, 'unauthenticated', 'E-mail or password do not match.');
      else if (url.searchParams.get('q') === 'erro') problem(503, 'unavailable', 'The database does not answer now: try again.');
      else if (!answer(request.method ?? 'GET', url, send)) problem(404, 'not_found', 'There is no such operation.');
    });
  }

  function listen(server: Server | null): void {
    const events = new WebSocketServer({ noServer: true });
    server?.on('upgrade', (request, socket, head) => {
      if (!request.url?.startsWith('/v1/events')) return;
      events.handleUpgrade(request, socket, head, (opened) => {
        sockets.add(opened);
        opened.on('close', () => sockets.delete(opened));
        opened.send(JSON.stringify({ type: 'ready', seq: `7.${state.seq}` }));
      });
    });
  }

  return {
    name: 'perene-mock-api',
    configureServer(server) {
      listen(server.httpServer as Server | null);
      server.middlewares.use(handle);
    },
    configurePreviewServer(server) {
      listen(server.httpServer as Server | null);
      server.middlewares.use(handle);
    },
  };
}

function filtered(all: Conversation[], q: URLSearchParams): Conversation[] {
  const words = q.get('q')?.toLocaleLowerCase() ?? '';
  return all
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
    fields: { cpf: '123.456.789-09', cidade: 'São Paulo' },
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
