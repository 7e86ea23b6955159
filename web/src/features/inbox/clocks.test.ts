import { describe, expect, it } from 'vitest';
import { clockLabel, waitStep, windowAt } from './clocks';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const at = (ms: number) => new Date(NOW + ms).toISOString();
const MINUTE = 60_000;

describe('the 24-hour window (rules 077, 088, 094)', () => {
  it.each([
    ['without a message of the contact', undefined, 'none'],
    ['just opened', at(24 * 60 * MINUTE), 'open'],
    ['one millisecond before the last half hour', at(30 * MINUTE + 1), 'open'],
    ['with exactly 30 minutes left', at(30 * MINUTE), 'expiring'],
    ['with a millisecond left', at(1), 'expiring'],
    ['at its end', at(0), 'expired'],
    ['after its end', at(-1), 'expired'],
  ])('%s it is %s → %s', (_, expiresAt, state) => {
    expect(windowAt(expiresAt, NOW).state).toBe(state);
  });

  it('empties from whole to nothing', () => {
    expect(windowAt(at(24 * 60 * MINUTE), NOW).share).toBe(1);
    expect(windowAt(at(12 * 60 * MINUTE), NOW).share).toBe(0.5);
    expect(windowAt(at(-5), NOW)).toEqual({ state: 'expired', leftMs: 0, share: 0 });
  });

  it('is labelled in a list while it expires and for a day after (rule Z24)', () => {
    const state = (ends: string | undefined) => clockLabel({ window_expires_at: ends }, NOW)?.state;
    expect(state(at(31 * MINUTE))).toBeUndefined();
    expect(state(at(30 * MINUTE))).toBe('expiring');
    expect(state(at(-24 * 60 * MINUTE + 1))).toBe('expired');
    expect(state(at(-24 * 60 * MINUTE))).toBeUndefined();
    expect(state(undefined)).toBeUndefined();
  });
});

describe('the label of a row (rules 249, Z24)', () => {
  const session = (category: 'marketing' | 'utility' | 'service', ends: number) => ({ category, opened_at: at(ends - 24 * 60 * MINUTE), ends_at: at(ends) });
  const of = (window: number | undefined, ...sessions: ReturnType<typeof session>[]) => {
    const label = clockLabel({ window_expires_at: window === undefined ? undefined : at(window), sessions }, NOW);
    return label && `${label.of} ${label.state}`;
  };

  it('follows the last session of a template where the window was never open, or has been shut for a day', () => {
    expect(of(undefined, session('marketing', 20 * MINUTE))).toBe('marketing expiring');
    expect(of(undefined, session('utility', -60 * MINUTE))).toBe('utility expired');
    expect(of(-25 * 60 * MINUTE, session('marketing', 20 * MINUTE), session('utility', -MINUTE))).toBe('marketing expiring');
    expect(of(undefined, session('marketing', 60 * MINUTE), session('utility', 5 * MINUTE))).toBeUndefined();
  });

  it('follows the window while that matters, and never a session of service', () => {
    expect(of(10 * 60 * MINUTE, session('marketing', 20 * MINUTE))).toBeUndefined();
    expect(of(-MINUTE, session('marketing', 20 * MINUTE))).toBe('window expired');
    expect(of(undefined, session('service', 20 * MINUTE))).toBeUndefined();
  });
});

describe('the no-reply counter (rule 107)', () => {
  // Rule Z3: [0,15) green, [15,30) blue, [30,60) orange, [60,∞) red.
  it.each([
    [0, 'green'],
    [15 * MINUTE - 1, 'green'],
    [15 * MINUTE, 'blue'],
    [30 * MINUTE - 1, 'blue'],
    [30 * MINUTE, 'orange'],
    [60 * MINUTE - 1, 'orange'],
    [60 * MINUTE, 'red'],
    [999 * MINUTE, 'red'],
  ])('%i ms is %s', (waited, step) => expect(waitStep(waited)).toBe(step));
});
