import { describe, expect, it } from 'vitest';
import { waitStep, windowAt, windowLabelShown } from './clocks';

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
    expect(windowLabelShown(at(31 * MINUTE), NOW)).toBe(false);
    expect(windowLabelShown(at(30 * MINUTE), NOW)).toBe(true);
    expect(windowLabelShown(at(-24 * 60 * MINUTE + 1), NOW)).toBe(true);
    expect(windowLabelShown(at(-24 * 60 * MINUTE), NOW)).toBe(false);
    expect(windowLabelShown(undefined, NOW)).toBe(false);
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
