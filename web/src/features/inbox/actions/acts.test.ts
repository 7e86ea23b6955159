import { describe, expect, it } from 'vitest';
import type { Conversation } from '@/api/types';
import { conversations } from '@/test/mock/people';
import { actsOf, buttonsOf } from './acts';
import { localInput, snoozeTimes } from './snooze-times';

const [idle] = conversations(Date.now()) as [Conversation];
const ticket = { id: 1, protocol: '1', state: 'open', origin: 'receptive', opened_at: '2026-11-30T12:00:00Z', opened_by: { kind: 'user' }, write_locked: false } as const;
const agent = { id: 1, permissions: ['conversations:read', 'tickets:write'] };

function of(part: Partial<Conversation>, viewer = agent) {
  const conversation = { ...idle, ...part };
  if (!('flow_run' in part)) delete conversation.flow_run;
  return actsOf(conversation, viewer);
}

describe('what can be done with a conversation', () => {
  it('depends on who serves it', () => {
    expect(of({})).toEqual(['open', 'priority', 'chatbot_off', 'follow']);
    expect(of({ last_ticket: { id: 1, protocol: '1', closed_at: '2026-11-30T12:00:00Z' } })).toContain('reopen');
    expect(of({ ticket: { ...ticket, state: 'waiting' } }).slice(0, 4)).toEqual(['accept', 'close', 'transfer', 'snooze']);
    expect(of({ ticket: { ...ticket, agent: { id: 2, name: 'Bruno' } } })[0]).toBe('take');
    expect(of({ ticket: { ...ticket, agent: { id: 1, name: 'Ana' } } }).slice(0, 3)).toEqual(['close', 'transfer', 'snooze']);
  });

  it('depends on sleep, on a run that waits for people, and on what was switched', () => {
    expect(of({ ticket: { ...ticket, snoozed: { at: '2026-11-30T12:00:00Z', until_reply: true } } })).toContain('wake');
    expect(of({ ticket, flow_run: idle.flow_run! })).toContain('hand_back');
    expect(of({ ticket })).not.toContain('hand_back');
    expect(of({ followed: true, chatbot_disabled: true })).toEqual(['open', 'priority', 'chatbot_on', 'unfollow']);
  });

  it('depends on what the reader may do', () => {
    expect(of({ ticket }, { id: 1, permissions: ['conversations:read'] })).toEqual(['follow']);
    expect(of({ ticket })).not.toContain('flow');
    const starter = { id: 1, permissions: [...agent.permissions, 'flows:read', 'flow_runs:start'] };
    expect(of({}, starter)).toContain('start_flow');
    expect(of({})).not.toContain('start_flow');
    expect(of({ ticket }, starter)).not.toContain('start_flow');
    expect(of({ chatbot_disabled: true }, starter)).not.toContain('start_flow');
    expect(of({ ticket }, { id: 1, permissions: [...agent.permissions, 'flows:read'] })).toContain('flow');
  });

  it('has one thing that is meant now, and the rest beside it', () => {
    expect(buttonsOf(of({ ticket: { ...ticket, state: 'waiting' } }))).toEqual({ first: 'accept', beside: ['close', 'transfer', 'snooze'] });
    expect(buttonsOf(of({ ticket: { ...ticket, agent: { id: 1, name: 'Ana' } } }))).toEqual({ first: 'close', beside: ['transfer', 'snooze'] });
  });
});

describe('the times a snooze is offered for', () => {
  const offered = (now: Date) => snoozeTimes(now).map(({ id, at }) => `${id} ${localInput(at)}`);

  it('are ahead, and none is there twice', () => {
    expect(offered(new Date(2026, 10, 26, 9, 30))).toEqual(['hour 2026-11-26T10:30', 'afternoon 2026-11-26T15:00', 'tomorrow 2026-11-27T09:00', 'monday 2026-11-30T09:00']);
    expect(offered(new Date(2026, 10, 26, 16, 0))).toEqual(['hour 2026-11-26T17:00', 'tomorrow 2026-11-27T09:00', 'monday 2026-11-30T09:00']);
    // Tomorrow is Monday; today is Monday.
    expect(offered(new Date(2026, 10, 29, 20, 0))).toEqual(['hour 2026-11-29T21:00', 'tomorrow 2026-11-30T09:00']);
    expect(offered(new Date(2026, 10, 30, 20, 0))).toEqual(['hour 2026-11-30T21:00', 'tomorrow 2026-12-01T09:00', 'monday 2026-12-07T09:00']);
  });
});
