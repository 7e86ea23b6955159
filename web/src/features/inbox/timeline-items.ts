import { inOrder } from '@/api/live/merge';
import type { Content, Message, PersonRef } from '@/api/types';
import { contentOfSending, type Sending } from './composer/outgoing';

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
  /** It is still on its way to the server. */
  sending?: Sending;
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

/** When the person wrote: Meta may bring a message hours later, and it stands where it came. */
export function saidAt(message: Message): string {
  return message.arrival === 'late' && message.provider_at ? message.provider_at : writtenAt(message);
}

function target(message: Message): number | undefined {
  const { reaction, edit, deleted } = message.content;
  return (reaction?.target ?? edit?.target ?? deleted)?.message_id;
}

function side(message: Message): string {
  return `${message.direction}/${message.origin}/${message.author?.id ?? ''}`;
}

// A long conversation is laid out again with each message that comes: its days are worked out once.
const days = new WeakMap<Message, string>();

function localDay(message: Message): string {
  const known = days.get(message);
  if (known !== undefined) return known;
  const date = new Date(writtenAt(message));
  const day = `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
  days.set(message, day);
  return day;
}

/** What is on its way, as a message: it looks like the one the server will make of it. */
function asMessage(sending: Sending, author: PersonRef): Message {
  const { seq, ref, conversation, what, at, state } = sending;
  const content = contentOfSending(sending);
  return {
    id: -seq,
    conversation_id: conversation,
    direction: what.kind === 'note' ? 'note' : 'out',
    origin: 'agent',
    kind: content.kind,
    content,
    ...(what.kind === 'reply' && what.file && { media: what.file }),
    status: state === 'refused' ? 'failed' : 'queued',
    actions: [],
    author,
    client_ref: ref,
    attempts: 0,
    retries: 0,
    created_at: at,
  };
}

/** The key of a message: the same before and after the server has it, so that its bubble stays. */
function keyOf(message: Message): string {
  return message.client_ref?.startsWith('web:') ? message.client_ref : `m-${message.id}`;
}

/** Whether an agent took it back before it left: what it said is in their composer again, and nobody ever got it. */
function takenBack({ origin, status }: Message): boolean {
  return origin === 'agent' && status === 'cancelled';
}

/** Messages in order, and after them what is still on its way; what came back already is not shown twice. */
function ordered(messages: readonly Message[], sendings: readonly Sending[], author: PersonRef): { message: Message; sending?: Sending }[] {
  const under = new Map(sendings.map((sending) => [sending.ref, sending]));
  const there = messages
    .filter((message) => !takenBack(message))
    .map((message) => {
      const sending = message.client_ref === undefined ? undefined : under.get(message.client_ref);
      return sending?.state === 'undoable' ? { message, sending } : { message };
    })
    .sort((a, b) => inOrder(a.message, b.message));
  if (sendings.length === 0) return there;
  const known = new Set(messages.map((message) => message.client_ref));
  return [...there, ...sendings.filter(({ ref }) => !known.has(ref)).map((sending) => ({ message: asMessage(sending, author), sending }))];
}

const NOBODY: PersonRef = { id: 0, name: '' };

/**
 * Lays out messages, oldest first. Reactions, edits and deletions of messages that are loaded show on them; of messages
 * that are not, as lines of their own, so that nothing the contact did disappears. `firstUnread` gets a divider before it.
 */
export function layOut(messages: readonly Message[], firstUnread?: number, sendings: readonly Sending[] = [], me: PersonRef = NOBODY): TimelineItem[] {
  const bubbles = new Map<number, Bubble>();
  const items: TimelineItem[] = [];
  let day = '';
  let before: Message | undefined;
  for (const { message, sending } of ordered(messages, sendings, me)) {
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
    if (localDay(message) !== day) {
      day = localDay(message);
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
      key: keyOf(message),
      message,
      content: message.content,
      edited: false,
      deleted: message.content.kind === 'deleted',
      reactions: [],
      follows,
      ...(sending && { sending }),
    };
    bubbles.set(message.id, bubble);
    items.push(bubble);
    before = message;
  }
  return items;
}

/** A row of the timeline: a message or a line, and above it the day and the divider that begin with it. */
export interface TimelineRow {
  key: string;
  at: string;
  before: Extract<TimelineItem, { type: 'day' | 'unread' }>[];
  item: Extract<TimelineItem, { type: 'system' | 'bubble' }>;
}

/** Puts days and dividers with the message they begin with: when earlier messages come above, that row keeps its key. */
export function rowsOf(items: readonly TimelineItem[]): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let before: TimelineRow['before'] = [];
  for (const item of items) {
    if (item.type === 'day' || item.type === 'unread') before.push(item);
    else {
      rows.push({ key: item.key, at: writtenAt(item.message), before, item });
      before = [];
    }
  }
  return rows;
}

/** The oldest of the unread messages that are loaded, for the divider. */
export function firstUnreadOf(messages: readonly Message[], unread: number): number | undefined {
  if (unread <= 0) return undefined;
  const inbound = messages
    .filter((message) => message.arrival === 'live' || message.arrival === 'late')
    .sort((a, b) => inOrder(b, a));
  return inbound[Math.min(unread, inbound.length) - 1]?.id;
}
