import { InfiniteQueryObserver, QueryClient, QueryObserver } from '@tanstack/react-query';
import { waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MockApi } from '@/test/mock/api';
import { conversationKeys, conversationsQuery } from '../queries/conversations';
import { flowRunKeys } from '../queries/flow-runs';
import { messageKeys, messagesQuery } from '../queries/messages';
import { flatten } from '../queries/pages';
import { liveUpdates } from './apply';
import type { LiveEvent } from './socket';

const CONVERSATION = 900;

describe('events brought into the cache', () => {
  let api: MockApi;
  let client: QueryClient;
  let apply: (events: LiveEvent[]) => void;
  let requests: string[];
  /** Requests wait here until the test lets them go, in any order. */
  let gates: { path: string; open: () => void }[];
  let gated: RegExp | undefined;

  const event = (kind: string, entity: number): LiveEvent => ({ seq: '1.1', kind, conversation_id: CONVERSATION, entity_id: entity });
  const shown = () => flatten(client.getQueryData(messagesQuery(CONVERSATION).queryKey)).map((message) => message.id);
  const load = () => client.fetchInfiniteQuery(messagesQuery(CONVERSATION));

  beforeEach(() => {
    api = new MockApi(Date.now());
    client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    apply = liveUpdates(client);
    requests = [];
    gates = [];
    gated = undefined;
    vi.stubGlobal('fetch', async (request: Request) => {
      const url = new URL(request.url);
      requests.push(url.pathname);
      // What the server read when it was asked, whenever the answer arrives.
      const { status, body } = api.answer(request.method, url);
      const text = JSON.stringify(body);
      if (gated?.test(url.pathname)) await new Promise<void>((open) => gates.push({ path: url.pathname, open }));
      return new Response(text, { status, headers: { 'Content-Type': 'application/json' } });
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    client.clear();
  });

  it('adds a message once, however often it is told', async () => {
    await load();
    const next = api.say('nova');
    apply([event('message.created', next.id), event('message.created', next.id)]);
    apply([event('message.created', next.id)]);
    await waitFor(() => expect(shown()[0]).toBe(next.id));
    await waitFor(() => expect(client.isFetching()).toBe(0));
    expect(shown().filter((id) => id === next.id)).toHaveLength(1);
  });

  it('does not lose a message that came while the conversation was loading', async () => {
    gated = /\/messages$/;
    const loading = load();
    await waitFor(() => expect(gates).toHaveLength(1));
    const next = api.say('durante a carga');
    apply([event('message.created', next.id)]);
    gated = undefined;
    gates[0]?.open();
    await loading;
    await waitFor(() => expect(shown()[0]).toBe(next.id));
  });

  it('never lets an older answer replace a newer one', async () => {
    await load();
    const target = api.messages.find((message) => message.status === 'sent');
    const id = target?.id ?? 0;
    gated = /^\/v1\/messages\//;
    api.change(id, { status: 'delivered' });
    apply([event('message.updated', id)]);
    await waitFor(() => expect(gates).toHaveLength(1));
    api.change(id, { status: 'read' });
    apply([event('message.updated', id)]);
    // The second read waits for the first, so that it is asked for after it.
    expect(gates).toHaveLength(1);
    gated = undefined;
    gates[0]?.open();
    await waitFor(() => expect(flatten(client.getQueryData(messagesQuery(CONVERSATION).queryKey)).find((message) => message.id === id)?.status).toBe('read'));
  });

  it('moves a conversation up in every list it is in', async () => {
    const all = conversationsQuery({});
    const unread = conversationsQuery({ unread: true });
    await Promise.all([client.fetchInfiniteQuery(all), client.fetchInfiniteQuery(unread)]);
    // Both are on screen.
    const stops = [all, unread].map((list) => new InfiniteQueryObserver(client, { ...list, staleTime: Infinity }).subscribe(() => undefined));
    const before = flatten(client.getQueryData(unread.queryKey)).map((each) => each.id);
    expect(before).not.toContain(CONVERSATION);
    const next = api.say('oi de novo');
    apply([event('message.created', next.id)]);
    await waitFor(() => expect(flatten(client.getQueryData(unread.queryKey))[0]?.id).toBe(CONVERSATION));
    expect(flatten(client.getQueryData(all.queryKey))[0]?.last_message?.preview).toBe('oi de novo');
    for (const stop of stops) stop();
  });

  it('lets the server say to which views a conversation belongs', async () => {
    const [attended, open] = [conversationsQuery({ view: 'attended' }), conversationsQuery({ view: 'open' })];
    await Promise.all([client.fetchInfiniteQuery(attended), client.fetchInfiniteQuery(open)]);
    const ids = (list: typeof open) => flatten(client.getQueryData(list.queryKey)).map((each) => each.id);
    const waiting = api.conversations.find((each) => each.ticket && !each.ticket.agent)!;
    expect(ids(open)).toContain(waiting.id);
    expect(ids(attended)).not.toContain(waiting.id);
    waiting.ticket = { ...waiting.ticket!, agent: { id: 2, name: 'Bruno Castro' } };
    delete waiting.ticket.queue;
    apply([{ ...event('ticket.updated', 0), conversation_id: waiting.id }]);
    await waitFor(() => expect(ids(attended)).toContain(waiting.id));
    expect(ids(open)).not.toContain(waiting.id);
  });

  it('takes what may no longer be seen off every list', async () => {
    const all = conversationsQuery({});
    await client.fetchInfiniteQuery(all);
    api.conversations.splice(0, 1);
    apply([event('conversation.updated', CONVERSATION)]);
    await waitFor(() => expect(flatten(client.getQueryData(all.queryKey)).map((each) => each.id)).not.toContain(CONVERSATION));
  });

  it('forgets at once what the server says is out of sight, without asking for it', async () => {
    const all = conversationsQuery({});
    await Promise.all([client.fetchInfiniteQuery(all), load()]);
    requests = [];
    apply([{ seq: '1.2', kind: 'gone', conversation_id: CONVERSATION }]);
    expect(flatten(client.getQueryData(all.queryKey)).map((each) => each.id)).not.toContain(CONVERSATION);
    expect(shown()).toEqual([]);
    expect(requests).toEqual([]);
  });

  it('reads the whole again when a change could not be read', async () => {
    await load();
    const answer = api.answer.bind(api);
    api.answer = (method, url) => (url.pathname.endsWith('/messages') ? { status: 503, body: { code: 'unavailable' } } : answer(method, url));
    const next = api.say('com o banco fora');
    apply([event('message.created', next.id)]);
    await waitFor(() => expect(client.getQueryState(messageKeys.of(CONVERSATION))?.isInvalidated).toBe(true));
  });

  it('reads nothing for a conversation nobody has open', async () => {
    apply([event('message.created', 1)]);
    await waitFor(() => expect(requests).toEqual([`/v1/conversations/${CONVERSATION}`]));
  });

  it('shows a conversation that the server pushed without asking for it, and counts again only where counts change', async () => {
    const all = conversationsQuery({});
    await client.fetchInfiniteQuery(all);
    const asked = vi.fn(() => Promise.resolve({}));
    const stop = new QueryObserver(client, { queryKey: [...conversationKeys.counts, {}], queryFn: asked, staleTime: Infinity }).subscribe(() => undefined);
    await waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
    requests = [];
    vi.useFakeTimers();
    try {
      const before = flatten(client.getQueryData(all.queryKey)).find((each) => each.id === CONVERSATION)!;
      const push = (row: typeof before) =>
        apply([
          { seq: '1.3', kind: 'row', row },
          { ...event('message.created', 7), pushed: true },
        ]);
      const said = { ...before, last_message: { ...before.last_message!, preview: 'empurrada' }, updated_at: '2999-01-01T00:00:00Z' };
      push(said);
      await vi.advanceTimersByTimeAsync(2000);
      expect(flatten(client.getQueryData(all.queryKey)).find((each) => each.id === CONVERSATION)?.last_message?.preview).toBe('empurrada');
      expect(asked).toHaveBeenCalledTimes(1);
      // One that was read before our own act changed it is older than what is here.
      push({ ...before, last_message: { ...before.last_message!, preview: 'velha' } });
      await vi.advanceTimersByTimeAsync(2000);
      expect(flatten(client.getQueryData(all.queryKey)).find((each) => each.id === CONVERSATION)?.last_message?.preview).toBe('empurrada');
      push({ ...said, lists: ['all', 'snoozed'] });
      await vi.advanceTimersByTimeAsync(2000);
      expect(asked).toHaveBeenCalledTimes(2);
      expect(requests).toEqual([]);
    } finally {
      vi.useRealTimers();
      stop();
    }
  });

  it('reads runs again when they move, at most a few times a second', async () => {
    vi.useFakeTimers();
    try {
      const asked = vi.fn(() => Promise.resolve([]));
      const observer = new QueryObserver(client, { queryKey: flowRunKeys.list({}), queryFn: asked, staleTime: Infinity });
      const stop = observer.subscribe(() => undefined);
      await vi.advanceTimersByTimeAsync(10);
      expect(asked).toHaveBeenCalledTimes(1);
      for (let i = 0; i < 50; i += 1) apply([event('flow_run.updated', i + 1)]);
      await vi.advanceTimersByTimeAsync(1000);
      expect(asked).toHaveBeenCalledTimes(2);
      stop();
    } finally {
      vi.useRealTimers();
    }
  });
});
