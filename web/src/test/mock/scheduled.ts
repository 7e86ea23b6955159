import type { Conversation, Scheduled } from '../../api/types';
import { me } from './people.ts';

const HOUR = 3_600_000;

/** What is scheduled in the made-up account: a message that is held, a template that recurs, a flow and a closing. */
export function scheduled(now: number, conversations: readonly Conversation[]): Scheduled[] {
  const of = (index: number, id: number, ahead: number, part: Partial<Scheduled> & Pick<Scheduled, 'kind'>): Scheduled => {
    const { id: conversation, number, contact } = conversations[index] ?? conversations[0]!;
    return {
      id,
      state: 'waiting',
      conversation: { id: conversation, number },
      contact,
      contents: [],
      due_at: new Date(now + ahead).toISOString(),
      timezone: 'America/Sao_Paulo',
      hold_on_reply: false,
      open: false,
      author: { kind: 'user', id: me.user.id, name: me.user.name },
      occurrence: 0,
      created_at: new Date(now - 2 * HOUR).toISOString(),
      ...part,
    };
  };
  return [
    of(0, 1, HOUR, {
      kind: 'message',
      state: 'held',
      held_at: new Date(now - HOUR / 2).toISOString(),
      hold_on_reply: true,
      window_open: true,
      contents: [{ kind: 'text', text: 'Oi, Maria! Conseguiu ver a proposta?' }],
    }),
    of(1, 2, 26 * HOUR, {
      kind: 'template',
      recurrence: 'FREQ=WEEKLY;COUNT=4',
      next: [7, 14, 21].map((days) => new Date(now + (days * 24 + 26) * HOUR).toISOString()),
      open: true,
      queue: { id: 1, name: 'Suporte' },
      contents: [{ kind: 'template', template: { name: 'lembrete_de_pagamento', language: 'pt_BR' } }],
    }),
    of(2, 3, 27 * HOUR, { kind: 'flow', flow: { id: 7, name: 'Boas-vindas' } }),
    of(0, 4, 50 * HOUR, { kind: 'closing', ticket_id: 70, hold_on_reply: true, contents: [{ kind: 'text', text: 'Obrigada pelo contato!' }] }),
  ];
}

/** What a list of what is scheduled is asked for. */
export function scheduledAs(all: readonly Scheduled[], q: URLSearchParams): Scheduled[] {
  const state = q.get('state');
  const contact = q.get('contact_id');
  const conversation = q.get('conversation_id');
  return all.filter(
    (each) =>
      (!state || (state === 'pending' ? each.state === 'waiting' || each.state === 'held' : each.state === state)) &&
      (!q.get('kind') || each.kind === q.get('kind')) &&
      (!q.get('author_id') || String(each.author.id) === q.get('author_id')) &&
      (!contact || String(each.contact.id) === contact) &&
      (!conversation || String(each.conversation.id) === conversation),
  );
}
