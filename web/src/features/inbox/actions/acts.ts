import type { Conversation } from '@/api/types';

/** One thing an agent does with a conversation. */
export type Act =
  | 'accept'
  | 'open'
  | 'take'
  | 'close'
  | 'reopen'
  | 'transfer'
  | 'snooze'
  | 'wake'
  | 'hand_back'
  | 'flow'
  | 'start_flow'
  | 'priority'
  | 'follow'
  | 'unfollow'
  | 'chatbot_off'
  | 'chatbot_on';

/** Who looks at it. */
export interface Viewer {
  id: number;
  permissions: readonly string[];
}

/** What can be done with a conversation now, the most likely first, by its state and by what the viewer may do. */
export function actsOf({ ticket, last_ticket: last, flow_run: run, followed, chatbot_disabled: botOff }: Conversation, viewer: Viewer): Act[] {
  const acts: Act[] = [];
  if (viewer.permissions.includes('tickets:write')) {
    if (!ticket) {
      acts.push('open');
      if (last) acts.push('reopen');
      if (!botOff && viewer.permissions.includes('flows:read') && viewer.permissions.includes('flow_runs:start')) acts.push('start_flow');
    } else {
      if (!ticket.agent) acts.push('accept');
      else if (ticket.agent.id !== viewer.id) acts.push('take');
      acts.push('close', 'transfer', ticket.snoozed ? 'wake' : 'snooze');
      if (run) acts.push('hand_back');
      // Who may not read flows cannot choose one.
      if (viewer.permissions.includes('flows:read')) acts.push('flow');
    }
    acts.push('priority', botOff ? 'chatbot_on' : 'chatbot_off');
  }
  if (viewer.permissions.includes('conversations:read')) acts.push(followed ? 'unfollow' : 'follow');
  return acts;
}

/** The acts that are buttons of the header: one that is meant now, and what is at hand beside it. The rest is in the menu. */
export function buttonsOf(acts: readonly Act[]): { first: Act | undefined; beside: Act[] } {
  const first = acts.find((act) => act === 'accept' || act === 'open' || act === 'take' || act === 'close');
  return { first, beside: acts.filter((act) => act !== first && (act === 'close' || act === 'transfer' || act === 'snooze' || act === 'wake' || act === 'reopen')) };
}
