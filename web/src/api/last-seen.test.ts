import { InfiniteQueryObserver, QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MockApi } from '@/test/mock/api';
import { me } from '@/test/mock/people';
import { forgetLastSeen, keepLastSeen, restoreLastSeen } from './last-seen';
import { conversationsQuery } from './queries/conversations';
import { flatten } from './queries/pages';
import { meKey, meQuery } from './queries/sign-in';

describe('what was last on screen', () => {
  const list = conversationsQuery({ view: 'all' });
  let signedIn = me;
  let asked: string[];

  beforeEach(() => {
    const api = new MockApi(Date.now());
    signedIn = me;
    asked = [];
    vi.stubGlobal('fetch', (request: Request) => {
      const url = new URL(request.url);
      asked.push(url.pathname);
      const body = url.pathname === '/v1/sign-in' ? signedIn : api.answer(request.method, url).body;
      return Promise.resolve(new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } }));
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    forgetLastSeen();
  });

  /** A console with the list on screen, which is closed or reloaded. */
  async function look() {
    const client = new QueryClient();
    const stops = [new QueryObserver(client, meQuery).subscribe(() => undefined), new InfiniteQueryObserver(client, list).subscribe(() => undefined)];
    await Promise.all([client.fetchQuery(meQuery), client.fetchInfiniteQuery(list)]);
    keepLastSeen(client);
    for (const stop of stops) stop();
  }

  it('is painted before the server answers, and read again', async () => {
    await look();
    asked.length = 0;
    const client = new QueryClient();
    restoreLastSeen(client, () => undefined);
    expect(flatten(client.getQueryData(list.queryKey))).toHaveLength(24);
    expect(client.getQueryData(meKey)).toEqual(me);
    await client.fetchInfiniteQuery({ ...list, staleTime: 30_000 });
    expect(asked).toEqual(['/v1/sign-in', '/v1/conversations']);
  });

  it('is nobody else’s: the page starts over when another user is signed in', async () => {
    await look();
    signedIn = { ...me, user: { ...me.user, id: 2 } };
    const startOver = vi.fn();
    restoreLastSeen(new QueryClient(), startOver);
    await vi.waitFor(() => expect(startOver).toHaveBeenCalled());
    const client = new QueryClient();
    restoreLastSeen(client, () => undefined);
    expect(client.getQueryData(list.queryKey)).toBeUndefined();
  });

  it('is gone when the sign-in has ended', async () => {
    await look();
    forgetLastSeen();
    const client = new QueryClient();
    restoreLastSeen(client, () => undefined);
    expect(client.getQueryData(meKey)).toBeUndefined();
  });
});
