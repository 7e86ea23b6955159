import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hearPresence, usePresent, type PresenceState } from '@/api/live/presence';
import { composing } from '../composer/compose';
import { tellFrom } from './tell';

const ME = 1;
let room = 5000;

describe('what one does in a conversation', () => {
  let said: PresenceState[];
  let stop: () => void;
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z') });
    room += 1;
    said = [];
    stop = tellFrom(room, ME, (state) => said.push(state));
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
  });
  const type = (text: string) => composing.write(room, 'reply', { text });
  const hears = (user: number, state: PresenceState, name = 'Carla') => act(() => hearPresence(room, { user: { id: user, name }, state, at: '' }));

  it('is told when it is opened and left, and costs one request a minute while nothing happens', () => {
    expect(said).toEqual(['looking']);
    vi.advanceTimersByTime(10 * 60_000);
    expect(said).toHaveLength(11);
    stop();
    expect(said.at(-1)).toBe('gone');
    vi.advanceTimersByTime(10 * 60_000);
    expect(said).toHaveLength(12);
  });

  it('is writing with the first key, at most every 20 seconds, and no longer when the keys rest', () => {
    for (let key = 1; key <= 45; key += 1) {
      type('a'.repeat(key));
      vi.advanceTimersByTime(1000);
    }
    expect(said).toEqual(['looking', 'writing', 'writing', 'writing']);
    vi.advanceTimersByTime(8000);
    expect(said.at(-1)).toBe('looking');
    type('mais');
    type('');
    expect(said.slice(-2)).toEqual(['writing', 'looking']);
  });

  it('greets who comes, and not who just heard of it', () => {
    hears(2, 'looking');
    expect(said).toEqual(['looking']);
    vi.advanceTimersByTime(6000);
    hears(3, 'looking', 'Bruno');
    expect(said).toEqual(['looking', 'looking']);
    hears(3, 'looking', 'Bruno');
    expect(said).toHaveLength(2);
  });

  it('of others is shown until it is over or they leave, and nothing else than that is taken over', () => {
    const { result } = renderHook(() => usePresent(room));
    hears(2, 'writing');
    hears(3, 'looking', 'Bruno');
    expect(result.current).toMatchObject([
      { id: 2, name: 'Carla', state: 'writing' },
      { id: 3, name: 'Bruno', state: 'looking' },
    ]);
    act(() => void vi.advanceTimersByTime(31_000));
    expect(result.current.map(({ id }) => id)).toEqual([3]);
    hears(3, 'gone', 'Bruno');
    expect(result.current).toEqual([]);
    for (const data of [undefined, 'x', { user: 'x', state: 'looking' }, { user: { id: '9', name: 'x' }, state: 'looking' }]) act(() => hearPresence(room, data));
    expect(result.current).toEqual([]);
  });
});
