import { screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { forgetPreferences, renderApp } from '@/test/app';
import { me } from '@/test/mock/people';
import type { MockApi } from '@/test/mock/api';
import { preferences, setPreferences } from './preferences';

/** Counts what rings. */
class SilentAudio {
  static rings = 0;
  currentTime = 0;
  destination = {};
  constructor() {
    SilentAudio.rings += 1;
  }
  createGain = () => ({ connect: () => undefined, gain: { setValueAtTime: () => undefined, exponentialRampToValueAtTime: () => undefined } });
  createOscillator = () => ({ frequency: { value: 0 }, connect: () => undefined, start: () => undefined, stop: () => undefined });
  close = () => Promise.resolve();
}

const ticket = { id: 1, protocol: '1', state: 'open', origin: 'receptive', opened_at: '2026-11-30T12:00:00Z', opened_by: { kind: 'user' }, write_locked: false } as const;

/** The conversation of the contact who writes is served by this user. */
const servedBy = (id: number) => (api: MockApi) => {
  const served = api.conversations.find((each) => each.id === 900);
  if (served) served.ticket = { ...ticket, agent: { id, name: 'Ana' } };
};

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.removeItem('perene.heard');
  forgetPreferences();
  SilentAudio.rings = 0;
});

describe('a message is heard', () => {
  const begin = async (path: string, agent: number) => {
    const app = renderApp(path, servedBy(agent));
    vi.stubGlobal('AudioContext', SilentAudio);
    await screen.findAllByRole('heading');
    // What keeps preferences in step comes with what rings.
    await waitFor(() => expect(preferences().owner).toBe(me.user.id));
    return app;
  };
  const read = (app: Awaited<ReturnType<typeof begin>>) => waitFor(() => expect(app.requests).toContain('GET /v1/conversations/900'));

  it('while the conversations are out of sight, once for each message (rules 235, 238)', async () => {
    const app = await begin('/ajustes', me.user.id);
    app.api.say('alguém aí?');
    await waitFor(() => expect(SilentAudio.rings).toBe(1));
    app.api.event('conversation.updated', 900, 900);
    await waitFor(() => expect(app.requests.filter((each) => each === 'GET /v1/conversations/900')).toHaveLength(2));
    expect(SilentAudio.rings).toBe(1);
  });

  it('not when somebody else serves (rule 236)', async () => {
    const app = await begin('/ajustes', me.user.id + 1);
    app.api.say('alguém aí?');
    await read(app);
    await waitFor(() => expect(app.client.isFetching()).toBe(0));
    expect(SilentAudio.rings).toBe(0);
  });

  it('not with sounds switched off (rule 238)', async () => {
    setPreferences({ sounds: false });
    const app = await begin('/ajustes', me.user.id);
    app.api.say('alguém aí?');
    await read(app);
    await waitFor(() => expect(app.client.isFetching()).toBe(0));
    expect(SilentAudio.rings).toBe(0);
  });
});
