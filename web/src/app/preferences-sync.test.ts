import { QueryClient } from '@tanstack/react-query';
import { waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { profileKey, profileQuery } from '@/api/queries/profile';
import { MockApi } from '@/test/mock/api';
import { me } from '@/test/mock/people';
import { DEFAULTS, preferences, setPreferences } from './preferences';
import { keepInStep } from './preferences-sync';

const KEY = 'perene.preferences';
const MINE = me.user.id;

/** Another tab, or an older version of the console, left this behind. */
function left(copy: object): void {
  localStorage.setItem(KEY, JSON.stringify(copy));
  dispatchEvent(new StorageEvent('storage', { key: KEY }));
}

describe('preferences in one place', () => {
  let api: MockApi;
  let client: QueryClient;
  let refuse: number | undefined;
  let saves: number;
  let stop = () => undefined as void;

  beforeEach(() => {
    api = new MockApi(Date.now());
    client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    refuse = undefined;
    saves = 0;
    vi.stubGlobal('fetch', async (request: Request) => {
      if (request.method === 'PATCH') saves += 1;
      if (refuse === 0) throw new TypeError('no network');
      const text = await request.text();
      const { status, body } = refuse && request.method === 'PATCH' ? { status: refuse, body: { code: 'invalid' } } : api.answer(request.method, new URL(request.url), text);
      return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json' } });
    });
  });
  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
    left({});
  });

  it('the server wins over the copy', async () => {
    left({ owner: MINE, sendDelay: 3, order: 'recent' });
    api.profile.preferences = { send_delay_seconds: 8, order: 'oldest', sounds: false };
    stop = keepInStep(client, MINE);
    await waitFor(() => expect(preferences()).toMatchObject({ sendDelay: 8, order: 'oldest', sounds: false }));
    expect(JSON.parse(localStorage.getItem(KEY) ?? '')).toMatchObject({ owner: MINE, sendDelay: 8 });
    expect(saves).toBe(0);
  });

  it('the server wins also where a page read the profile first', async () => {
    api.profile.preferences = { send_delay_seconds: 8 };
    await client.fetchQuery(profileQuery);
    stop = keepInStep(client, MINE);
    expect(preferences()).toMatchObject({ owner: MINE, sendDelay: 8 });
  });

  it('a choice is saved once it settles, and the theme stays in this browser', async () => {
    stop = keepInStep(client, MINE);
    await waitFor(() => expect(preferences().owner).toBe(MINE));
    setPreferences({ sendDelay: 4 });
    setPreferences({ sendDelay: 5, theme: 'dark' });
    await waitFor(() => expect(api.profile.preferences).toEqual({ send_delay_seconds: 5 }));
    await waitFor(() => expect(preferences().unsaved).toEqual([]));
    expect(saves).toBe(1);
  });

  it('what an older console kept in this browser alone is brought along', async () => {
    left({ enterSends: false, afterSend: 'close' });
    api.profile.preferences = { after_send: 'snooze' };
    stop = keepInStep(client, MINE);
    await waitFor(() => expect(api.profile.preferences).toEqual({ after_send: 'snooze', enter_sends: false }));
    expect(preferences()).toMatchObject({ afterSend: 'snooze', enterSends: false });
  });

  it('what could not reach the server outlives the page and is saved when the connection is back', async () => {
    stop = keepInStep(client, MINE);
    await waitFor(() => expect(preferences().owner).toBe(MINE));
    refuse = 0;
    setPreferences({ sendDelay: 7 });
    await waitFor(() => expect(saves).toBe(1));
    stop();
    left(JSON.parse(localStorage.getItem(KEY) ?? '') as object);
    stop = keepInStep(client, MINE);
    refuse = undefined;
    await client.invalidateQueries({ queryKey: profileKey });
    dispatchEvent(new Event('online'));
    await waitFor(() => expect(api.profile.preferences).toEqual({ send_delay_seconds: 7 }));
    expect(preferences().sendDelay).toBe(7);
  });

  it('what the server refuses is not asked for again, and its own value comes back', async () => {
    api.profile.preferences = { send_delay_seconds: 2 };
    stop = keepInStep(client, MINE);
    await waitFor(() => expect(preferences().sendDelay).toBe(2));
    refuse = 422;
    setPreferences({ sendDelay: 9 });
    await waitFor(() => expect(preferences()).toMatchObject({ sendDelay: 2, unsaved: [] }));
    expect(saves).toBe(1);
  });

  it('a copy of somebody else is forgotten and never saved', async () => {
    left({ owner: MINE + 1, sendDelay: 9, unsaved: ['sendDelay'], density: 'compact' });
    stop = keepInStep(client, MINE);
    await waitFor(() => expect(preferences()).toMatchObject({ owner: MINE, sendDelay: DEFAULTS.sendDelay, unsaved: [], density: 'compact' }));
    expect(api.profile.preferences).toEqual({});
    expect(saves).toBe(0);
  });
});
