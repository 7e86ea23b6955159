import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import { WebSocketServer, type WebSocket } from 'ws';
import { MockApi } from './api.ts';

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
 * Serves the mock API beside the console, so that screens can be looked at without the stack. Only for development:
 * `PERENE_MOCK=1 npm run dev`. Any password but "errada" signs in; /__mock/say?text=… writes as the first contact.
 */
export function mockApi(): Plugin {
  const api = new MockApi(Date.now());
  api.signedIn = process.env.PERENE_MOCK !== 'out';
  const sockets = new Set<WebSocket>();
  api.tell = (frame) => {
    for (const socket of sockets) socket.send(JSON.stringify(frame));
  };

  function handle(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const url = new URL(request.url ?? '/', 'http://mock');
    const media = /^\/v1\/media\/(\d+)\/content$/.exec(url.pathname)?.[1];
    if (media !== undefined) {
      response.setHeader('Content-Type', media === '2' ? 'audio/wav' : 'image/svg+xml');
      response.end(media === '2' ? tone() : media === '4' ? STICKER : PICTURE);
    } else if (url.pathname === '/__mock/say') {
      api.say(url.searchParams.get('text') ?? 'Oi');
      response.end();
    } else if (url.pathname.startsWith('/v1/')) {
      let raw = '';
      request.on('data', (chunk: Buffer) => (raw += chunk.toString()));
      request.on('end', () => {
        const { status, body } = api.answer(request.method ?? 'GET', url, raw);
        response.statusCode = status;
        response.setHeader('Content-Type', status >= 400 ? 'application/problem+json' : 'application/json');
        response.end(body === undefined ? '' : JSON.stringify(body));
      });
    } else next();
  }

  function listen(server: Server | null): void {
    const events = new WebSocketServer({ noServer: true });
    server?.on('upgrade', (request, socket, head) => {
      if (!request.url?.startsWith('/v1/events')) return;
      events.handleUpgrade(request, socket, head, (opened) => {
        sockets.add(opened);
        opened.on('close', () => sockets.delete(opened));
        opened.send(JSON.stringify({ type: 'ready', seq: `7.${api.seq}` }));
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
