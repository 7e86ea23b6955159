import type { Conversation } from '@/api/types';

/** Why something cannot be sent now. */
export type Obstacle = 'permission' | 'blocked' | 'removed' | 'locked' | 'window';

/** What may be sent in a conversation. */
export interface MaySend {
  /** Why no answer can be written, if none can. */
  reply: Obstacle | undefined;
  /** Why no template can be sent, if none can. */
  template: Obstacle | undefined;
  /** Why no note can be written, if none can. */
  note: Obstacle | undefined;
  /** Answers wait for the contact's reply (rule 100). */
  holds: boolean;
}

/** What may be sent now, and why not (rules 094, 098–100, 123, 191). The server says the same, later and for good. */
export function maySend(conversation: Conversation, permissions: readonly string[]): MaySend {
  if (!permissions.includes('messages:send')) return { reply: 'permission', template: 'permission', note: 'permission', holds: false };
  const always: Obstacle | undefined = conversation.contact.blocked ? 'blocked' : conversation.connection.state === 'removed' ? 'removed' : undefined;
  const locked: Obstacle | undefined = conversation.ticket?.write_locked ? 'locked' : undefined;
  const closed = !conversation.window_open;
  return {
    reply: always ?? locked ?? (closed && !conversation.may_hold ? 'window' : undefined),
    template: always ?? locked,
    note: undefined,
    holds: closed && conversation.may_hold,
  };
}
