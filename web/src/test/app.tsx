import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import axe from 'axe-core';
import { Suspense } from 'react';
import { expect, vi } from 'vitest';
import { makeRouter } from '@/app/router';
import { MockApi } from './mock/api';

/** A WebSocket whose other end is the test. */
class MockSocket {
  static open = new Set<MockSocket>();
  /** The server cannot be reached. */
  static refuse = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    MockSocket.open.add(this);
    queueMicrotask(() => {
      if (MockSocket.refuse) {
        this.onclose?.({ code: 1006 });
        return;
      }
      this.onopen?.();
      this.say({ type: 'ready', seq: '7.1' });
    });
  }
  say(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  send() {}
  close() {
    MockSocket.open.delete(this);
  }
}

/** Renders the whole console at an address, with the mock API behind it. */
export function renderApp(path: string, prepare: (api: MockApi) => void = () => undefined) {
  const api = new MockApi(Date.now());
  prepare(api);
  MockSocket.open.clear();
  MockSocket.refuse = false;
  api.tell = (frame) => {
    for (const socket of MockSocket.open) socket.say(frame);
  };
  const requests: string[] = [];
  const bodies: unknown[] = [];
  vi.stubGlobal('WebSocket', MockSocket);
  vi.stubGlobal('fetch', async (request: Request) => {
    const url = new URL(request.url);
    requests.push(`${request.method} ${url.pathname}${url.search}`);
    const text = await request.text();
    if (text.startsWith('{')) bodies.push(JSON.parse(text));
    const { status, body } = api.answer(request.method, url, text);
    return new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json' },
    });
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = makeRouter(client, createMemoryHistory({ initialEntries: [path] }));
  const view = render(
    <QueryClientProvider client={client}>
      <Suspense>
        <RouterProvider router={router} />
      </Suspense>
    </QueryClientProvider>,
  );
  const dropSockets = () => {
    MockSocket.refuse = true;
    for (const socket of [...MockSocket.open]) socket.onclose?.({ code: 1006 });
  };
  return { api, client, router, requests, bodies, dropSockets, ...view };
}

/** Nothing leaves by itself after its ten seconds: how fast a machine is decides no test. `vi.restoreAllMocks` ends it. */
export function holdTheClockOfSending(): void {
  const real = globalThis.setTimeout;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) => real(run, ms !== undefined && ms > 2500 && ms <= 10_000 ? 2 ** 30 : ms)));
}

/** Begins with no preference, as a browser that is new to the console. */
export function forgetPreferences(): void {
  const key = 'perene.preferences';
  localStorage.removeItem(key);
  dispatchEvent(new StorageEvent('storage', { key }));
}

/** No violation that axe can see without a layout (contrast is looked at in the browser). */
export async function expectAccessible(container: Element): Promise<void> {
  const { violations } = await axe.run(container, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    rules: { 'color-contrast': { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}
