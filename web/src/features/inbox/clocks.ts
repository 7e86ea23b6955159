import type { Conversation } from '@/api/types';

/** How long before its end a session window is shown as expiring (rule 077). */
export const EXPIRING_MS = 30 * 60_000;
/** How long a window lasts from the contact's message (rule 088). */
export const WINDOW_MS = 24 * 3_600_000;

/** A session window at an instant. */
export interface WindowView {
  state: 'none' | 'open' | 'expiring' | 'expired';
  /** Time left, 0 when there is none. */
  leftMs: number;
  /** What is left of the 24 hours, from 1 to 0. */
  share: number;
}

/**
 * The 24-hour window at an instant, from when it ends. Half-open as rule Z3 has all counters: with exactly 30 minutes left
 * it is expiring, at its end it is expired.
 */
export function windowAt(expiresAt: string | null | undefined, now: number): WindowView {
  if (expiresAt === null || expiresAt === undefined || expiresAt === '') return { state: 'none', leftMs: 0, share: 0 };
  const leftMs = Math.max(0, Date.parse(expiresAt) - now);
  const state = leftMs === 0 ? 'expired' : leftMs <= EXPIRING_MS ? 'expiring' : 'open';
  return { state, leftMs, share: Math.min(1, leftMs / WINDOW_MS) };
}

/** What a list's label says of a clock, and of which one. */
export interface ClockLabel {
  state: 'expiring' | 'expired';
  /** The window, or the session of a template. */
  of: 'window' | 'marketing' | 'utility' | 'authentication';
  endsAt: string;
}

/**
 * The label of a row (rules 249, Z24): it follows the window while that is open and for a day after, else the last session
 * that a template opened. It shows while that clock expires, and for a day after it has.
 */
export function clockLabel(conversation: Pick<Conversation, 'window_expires_at' | 'sessions'>, now: number): ClockLabel | undefined {
  const matters = (end: string | undefined) => end !== undefined && now - Date.parse(end) < WINDOW_MS;
  const window = conversation.window_expires_at;
  const session = conversation.sessions?.find(({ category }) => category !== 'service');
  const [of, endsAt] = matters(window) ? (['window', window] as const) : [session?.category, session?.ends_at];
  const { state } = windowAt(endsAt, now);
  if (!matters(endsAt) || of === undefined || of === 'service' || (state !== 'expiring' && state !== 'expired')) return undefined;
  return { state, of, endsAt: endsAt! };
}

/** The steps of the no-reply counter (rule 107). */
export type WaitStep = 'green' | 'blue' | 'orange' | 'red';

/** The step of a wait: [0,15) green, [15,30) blue, [30,60) orange, [60,∞) red, in minutes (rule Z3). */
export function waitStep(waitedMs: number): WaitStep {
  const minutes = waitedMs / 60_000;
  if (minutes < 15) return 'green';
  if (minutes < 30) return 'blue';
  if (minutes < 60) return 'orange';
  return 'red';
}
