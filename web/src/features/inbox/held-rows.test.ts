import { describe, expect, it } from 'vitest';
import { sortKey } from '@/api/live/merge';
import { conversations } from '@/test/mock/people';
import type { Conversation } from '@/api/types';
import { hold } from './held-rows';

const now = Date.parse('2026-11-20T12:00:00Z');
const [a, b, c, d] = conversations(now) as [Conversation, Conversation, Conversation, Conversation];
const snapshot = (...rows: Conversation[]) => ({ ids: rows.map(({ id }) => id), keys: new Map(rows.map((row) => [row.id, sortKey('recent', row)])) });
const told = ({ shown, waiting }: ReturnType<typeof hold>) => [shown.map((row) => (row.conversation ? row.id : 'left')), waiting];
const later = (row: Conversation): Conversation => ({ ...row, last_message_at: new Date(now).toISOString() });

describe('rows that stand still', () => {
  it('are all rows as they are while nobody reaches for them', () => {
    expect(told(hold(undefined, 'recent', [b, a]))).toEqual([[b.id, a.id], 0]);
  });

  it('let new ones wait above them', () => {
    expect(told(hold(snapshot(b, c), 'recent', [a, b, c]))).toEqual([[b.id, c.id], 1]);
  });

  it('let the one that moved wait, and show what is new in it where it stands', () => {
    const held = hold(snapshot(a, b, c), 'recent', [later(c), a, b]);
    expect(told(held)).toEqual([[a.id, b.id, c.id], 1]);
    expect(held.shown[2]?.conversation?.last_message_at).toBe(later(c).last_message_at);
  });

  it('do not wait for a change that moves nothing', () => {
    expect(told(hold(snapshot(a, b), 'recent', [later(a), b]))).toEqual([[a.id, b.id], 0]);
  });

  it('keep the place of one that has left', () => {
    expect(told(hold(snapshot(a, b, c), 'recent', [a, c]))).toEqual([[a.id, 'left', c.id], 0]);
  });

  it('go on below when somebody scrolls', () => {
    expect(told(hold(snapshot(a, b), 'recent', [a, b, c, d]))).toEqual([[a.id, b.id, c.id, d.id], 0]);
    expect(told(hold(snapshot(b, c), 'recent', [a, b, c, d]))).toEqual([[b.id, c.id, d.id], 1]);
  });
});
