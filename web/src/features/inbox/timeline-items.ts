import { inOrder } from '@/api/live/merge';
import type { Content, Message } from '@/api/types';

/** A message as the timeline draws it: with the reactions, the edit and the deletion that other messages brought to it. */
export interface Bubble {
  type: 'bubble';
  key: string;
  message: Message;
  /** What it says now: the last edit, or itself. */
  content: Content;
  edited: boolean;
  deleted: boolean;
  reactions: { emoji: string; own: boolean }[];
  /** The same side wrote the one before, shortly before. */
  follows: boolean;
}

/** One thing in the timeline. */
export type TimelineItem =
  | { type: 'day'; key: string; at: string }
  | { type: 'unread'; key: string }
  | { type: 'system'; key: string; message: Message }
  | Bubble;

const GROUP_MS = 5 * 60_000;

/** When a message counts as written: the provider's time says when a person wrote, ours when the system did. */
export function writtenAt(message: Message): string {
  return message.created_at;
}

function target(message: Message): number | undefined {
  const { reaction, edit, deleted } = message.content;
  return (reaction?.target ?? edit?.target ?? deleted)?.message_id;
}

function side(message: Message): string {
  return `${message.direction}/${message.origin}/${message.author?.id ?? ''}`;
}

function localDay(at: string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/**
 * Lays out messages, oldest first. Reactions, edits and deletions of messages that are loaded show on them; of messages
 * that are not, as lines of their own, so that nothing the contact did disappears. `firstUnread` gets a divider before it.
 */
export function layOut(messages: readonly Message[], firstUnread?: number): TimelineItem[] {
  const ordered = [...messages].sort(inOrder);
  const bubbles = new Map<number, Bubble>();
  const items: TimelineItem[] = [];
  let day = '';
  let before: Message | undefined;
  for (const message of ordered) {
    const at = writtenAt(message);
    const onto = bubbles.get(target(message) ?? 0);
    if (onto && message.content.reaction) {
      const own = message.direction === 'out';
      onto.reactions = onto.reactions.filter((each) => each.own !== own);
      if (message.content.reaction.emoji !== '') onto.reactions.push({ emoji: message.content.reaction.emoji, own });
      continue;
    }
    if (onto && message.content.edit?.content) {
      onto.content = message.content.edit.content;
      onto.edited = true;
      continue;
    }
    if (onto && message.content.kind === 'deleted') {
      onto.deleted = true;
      continue;
    }
    if (localDay(at) !== day) {
      day = localDay(at);
      items.push({ type: 'day', key: `day-${day}`, at });
      before = undefined;
    }
    if (message.id === firstUnread) {
      items.push({ type: 'unread', key: 'unread' });
      before = undefined;
    }
    if (message.direction === 'system') {
      items.push({ type: 'system', key: `m-${message.id}`, message });
      before = undefined;
      continue;
    }
    const follows = before !== undefined && side(before) === side(message) && Date.parse(at) - Date.parse(writtenAt(before)) < GROUP_MS;
    const bubble: Bubble = {
      type: 'bubble',
      key: `m-${message.id}`,
      message,
      content: message.content,
      edited: false,
      deleted: message.content.kind === 'deleted',
      reactions: [],
      follows,
    };
    bubbles.set(message.id, bubble);
    items.push(bubble);
    before = message;
  }
  return items;
}

/** The oldest of the unread messages that are loaded, for the divider. */
export function firstUnreadOf(messages: readonly Message[], unread: number): number | undefined {
  if (unread <= 0) return undefined;
  const inbound = messages
    .filter((message) => message.arrival === 'live' || message.arrival === 'late')
    .sort((a, b) => inOrder(b, a));
  return inbound[Math.min(unread, inbound.length) - 1]?.id;
}
