import type { Message } from '@/api/types';
import { WINDOW_MS } from './clocks';

/** What a template's session is for. */
export type SessionKind = 'marketing' | 'utility';

/** A session that one of our templates opened (rules 090 to 092). */
export interface TemplateSession {
  kind: SessionKind;
  /** Milliseconds. */
  until: number;
}

const LEFT: ReadonlySet<Message['status']> = new Set(['accepted', 'sent', 'delivered', 'read', 'played']);

/**
 * The sessions of templates that are open at an instant, from the messages that are loaded: one of each kind, for 24 hours
 * from its first template. A template of the same kind within them opens no other.
 */
export function templateSessions(messages: readonly Message[], now: number): TemplateSession[] {
  const began = new Map<SessionKind, number>();
  for (const message of [...messages].reverse()) {
    const category = message.content.template?.category?.toLowerCase();
    if (message.direction !== 'out' || !LEFT.has(message.status) || (category !== 'marketing' && category !== 'utility')) continue;
    const at = Date.parse(message.sent_at ?? message.created_at);
    const open = began.get(category);
    if (open === undefined || at >= open + WINDOW_MS) began.set(category, at);
  }
  return [...began].map(([kind, at]) => ({ kind, until: at + WINDOW_MS })).filter(({ until }) => until > now);
}
