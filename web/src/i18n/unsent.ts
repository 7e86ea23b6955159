const REASONS = {
  'contact.blocked': 'blocked',
  'window.closed': 'window',
  'template.not_found': 'template',
  'template.not_approved': 'template',
  'contact.marketing_stopped': 'marketing',
  'connection.removed': 'connection',
  'conversation.has_ticket': 'ticket',
  'scheduled.chatbot_off': 'bot',
  'ticket.write_locked': 'locked',
  'ticket.flow_unavailable': 'flow',
} as const;

/** The word under which the texts say why something scheduled was not sent. The argument is the key of the server’s refusal. */
export function unsentReason(key: string): (typeof REASONS)[keyof typeof REASONS] | 'other' {
  return key in REASONS ? REASONS[key as keyof typeof REASONS] : 'other';
}
