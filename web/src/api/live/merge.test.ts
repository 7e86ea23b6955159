import { describe, expect, it } from 'vitest';
import { conversations, message } from '@/test/mock/people';
import { flatten, type Page, type Pages } from '../queries/pages';
import type { Conversation, Message } from '../types';
import { mergeNewest, placeConversation, removeConversation, replaceMessage } from './merge';

const said = (id: number, part: Partial<Message> = {}) => message(id, { content: { kind: 'text', text: String(id) }, created_at: '2026-11-20T12:00:00Z', ...part });
const page = <T>(data: T[], more = false): Page<T> => ({ data, has_more: more, next_cursor: more ? 'next' : null });
const pagesOf = <T>(...pages: Page<T>[]): Pages<T> => ({ pages, pageParams: pages.map((_, i) => (i === 0 ? '' : `c${i}`)) });
const ids = (pages: Pages<Message>) => flatten(pages).map((each) => each.id);

describe('merging the newest messages', () => {
  const loaded = pagesOf(page([said(5), said(4), said(3)], true), page([said(2), said(1)]));

  it('adds what is new, once, and keeps the older pages', () => {
    const merged = mergeNewest(loaded, page([said(7), said(6), said(5), said(4)], true));
    expect(ids(merged)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(ids(mergeNewest(merged, page([said(7), said(6), said(5), said(4)], true)))).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it('replaces what changed, in every page', () => {
    const merged = mergeNewest(loaded, page([said(4, { status: 'read' }), said(2, { status: 'failed' })], true));
    expect(flatten(merged).find((each) => each.id === 4)?.status).toBe('read');
    expect(flatten(merged).find((each) => each.id === 2)?.status).toBe('failed');
  });

  it('starts over when messages between are unknown, instead of hiding a gap', () => {
    const merged = mergeNewest(loaded, page([said(90), said(89)], true));
    expect(ids(merged)).toEqual([90, 89]);
    expect(merged.pages[0]?.next_cursor).toBe('next');
  });

  it('takes a whole short conversation that does not overlap as it is', () => {
    expect(ids(mergeNewest(pagesOf(page<Message>([])), page([said(2), said(1)])))).toEqual([2, 1]);
  });

  it('never shows a message twice or out of order, whatever comes', () => {
    let seed = 42;
    const random = (n: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % n;
    };
    let state = pagesOf(page([said(3), said(2), said(1)]));
    let newest = 3;
    for (let round = 0; round < 500; round += 1) {
      newest += random(8);
      const size = Math.min(newest, 5);
      state = mergeNewest(state, page(Array.from({ length: size }, (_, i) => said(newest - i)), newest > size));
      const shown = ids(state);
      expect(new Set(shown).size).toBe(shown.length);
      expect(shown).toEqual([...shown].sort((a, b) => b - a));
      // Without a gap: what is shown is a run of ids.
      expect((shown[0] ?? 0) - (shown.at(-1) ?? 0)).toBe(shown.length - 1);
    }
  });

  it('changes one message where it is loaded and nothing where it is not', () => {
    expect(flatten(replaceMessage(loaded, said(1, { status: 'read' }))).at(-1)?.status).toBe('read');
    expect(replaceMessage(loaded, said(77))).toBe(loaded);
  });
});

describe('placing a conversation', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  const all = conversations(now);
  const [a, b, c, d] = all as [Conversation, Conversation, Conversation, Conversation];
  const order = (pages: Pages<Conversation>) => flatten(pages).map((each) => each.id);
  const list = pagesOf(page([a, b], true), page([c, d], true));

  it('moves it to the top when it has the newest message, and only there', () => {
    const moved = { ...d, last_message_at: new Date(now).toISOString() };
    expect(order(placeConversation(list, 'recent', moved, true))).toEqual([d.id, a.id, b.id, c.id]);
  });

  it('keeps its place when only its words changed', () => {
    expect(order(placeConversation(list, 'recent', { ...b, unread_count: 9 }, true))).toEqual([a.id, b.id, c.id, d.id]);
  });

  it('leaves what belongs below the loaded rows to the page that has it', () => {
    const old = { ...b, last_message_at: '2020-01-01T00:00:00Z' };
    expect(order(placeConversation(list, 'recent', old, true))).toEqual([a.id, c.id, d.id]);
    expect(order(placeConversation(pagesOf(page([a, b])), 'recent', old, true))).toEqual([a.id, b.id]);
  });

  it('takes out what is no member, as the server said', () => {
    expect(order(placeConversation(list, 'recent', b, false))).toEqual([a.id, c.id, d.id]);
  });

  it('puts the oldest message first where that is the order', () => {
    const oldest = pagesOf(page([d, c, a]));
    expect(order(placeConversation(oldest, 'oldest', b, true))).toEqual([d.id, c.id, b.id, a.id]);
  });

  it('sorts by opening, and puts what was never opened last (rule 073)', () => {
    const opened = (row: Conversation, id: number): Conversation => ({
      ...row,
      ticket: { id, protocol: String(id), state: 'waiting', origin: 'receptive', opened_by: { kind: 'flow' }, write_locked: false, opened_at: '2026-11-20T09:00:00Z' },
    });
    const [first, second] = [opened(c, 9), opened(a, 10)];
    const never = { ...b };
    delete never.ticket;
    expect(order(placeConversation(pagesOf(page([first, never])), 'opened_oldest', second, true))).toEqual([first.id, second.id, never.id]);
    expect(order(placeConversation(pagesOf(page([first, never])), 'opened_recent', second, true))).toEqual([second.id, first.id, never.id]);
  });

  it('forgets what may no longer be seen', () => {
    expect(order(removeConversation(list, c.id))).toEqual([a.id, b.id, d.id]);
  });
});
