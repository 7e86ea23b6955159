import { describe, expect, it } from 'vitest';
import type { Content, Message } from '@/api/types';
import { message } from '@/test/mock/people';
import { firstUnreadOf, layOut, type Bubble } from './timeline-items';

const day = (n: number, minute = 0) => new Date(2026, 10, n, 12, minute).toISOString();
const text = (words: string): Content => ({ kind: 'text', text: words });
const from = (id: number, at: string, content: Content, part: Partial<Message> = {}) => message(id, { content, created_at: at, ...part });
const bubbles = (messages: Message[]) => layOut(messages).filter((item): item is Bubble => item.type === 'bubble');

describe('the timeline', () => {
  it('is oldest first, with a line for each day', () => {
    const items = layOut([from(3, day(21), text('c')), from(2, day(20, 1), text('b')), from(1, day(20), text('a'))]);
    expect(items.map((item) => item.key)).toEqual(['day-2026-10-20', 'm-1', 'm-2', 'day-2026-10-21', 'm-3']);
  });

  it('puts history where it was written, and counts none of it as unread', () => {
    const messages = [from(1, day(20), text('b')), from(2, day(19), text('a'), { arrival: 'history' })];
    expect(bubbles(messages).map((bubble) => bubble.key)).toEqual(['m-2', 'm-1']);
    expect(firstUnreadOf(messages, 9)).toBe(1);
  });

  it('puts reactions on their message; the last of a side counts, an empty one takes it back', () => {
    const reaction = (id: number, emoji: string, part: Partial<Message> = {}) =>
      from(id, day(20, id), { kind: 'reaction', reaction: { target: { message_id: 1 }, emoji } }, part);
    const base = from(1, day(20), text('a'));
    expect(bubbles([base, reaction(2, '👍'), reaction(3, '😢'), reaction(4, '❤️', { direction: 'out' })])[0]?.reactions).toEqual([
      { emoji: '😢', own: false },
      { emoji: '❤️', own: true },
    ]);
    expect(bubbles([base, reaction(2, '👍'), reaction(3, '')])[0]?.reactions).toEqual([]);
  });

  it('shows the last edit and keeps what was deleted marked', () => {
    const edit = from(2, day(20, 1), { kind: 'edit', edit: { target: { message_id: 1 }, content: text('corrigido') } });
    const deleted = from(3, day(20, 2), { kind: 'deleted', deleted: { message_id: 1 } });
    const [bubble] = bubbles([from(1, day(20), text('errado')), edit, deleted]);
    expect(bubble).toMatchObject({ content: { text: 'corrigido' }, edited: true, deleted: true });
  });

  it('loses nothing: what is about a message that is not loaded stands for itself', () => {
    const reaction = from(9, day(20), { kind: 'reaction', reaction: { target: { message_id: 1 }, emoji: '👍' } });
    expect(bubbles([reaction])).toHaveLength(1);
  });

  it('groups what one side wrote within five minutes', () => {
    const out: Partial<Message> = { direction: 'out', origin: 'bot' };
    const follows = bubbles([
      from(1, day(20, 0), text('a')),
      from(2, day(20, 4), text('b')),
      from(3, day(20, 10), text('c')),
      from(4, day(20, 11), text('d'), out),
    ]).map((bubble) => bubble.follows);
    expect(follows).toEqual([false, true, false, false]);
  });

  it('divides before the oldest unread message', () => {
    const messages = [from(1, day(20), text('a')), from(2, day(20), text('b'), { direction: 'out', origin: 'bot' }), from(3, day(20), text('c')), from(4, day(20), text('d'))];
    expect(firstUnreadOf(messages, 2)).toBe(3);
    expect(firstUnreadOf(messages, 99)).toBe(1);
    expect(firstUnreadOf(messages, 0)).toBeUndefined();
    expect(layOut(messages, 3).map((item) => item.key)).toEqual(['day-2026-10-20', 'm-1', 'm-2', 'unread', 'm-3', 'm-4']);
  });
});
