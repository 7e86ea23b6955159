import type { TFunction } from 'i18next';
import type { EndReason } from '@/api/types';

// The codes of system lines with words of their own.
const NOTES = ['identity_changed', 'ticket_opened', 'ticket_closed', 'template_missing', 'field_refused'] as const;

/** A code of a system line with words of its own. */
export type SystemNote = (typeof NOTES)[number];

// Why a flow stopped is a code too, with the words that its run has.
const REASONS = {
  end_node: true,
  ticket_opened: true,
  transferred: true,
  stopped: true,
  no_edge: true,
  window_closed: true,
  template_missing: true,
  template_paused: true,
  template_rejected: true,
  step_limit: true,
  visit_limit: true,
  send_limit: true,
  inbox_limit: true,
  stack_limit: true,
  state_limit: true,
  node_gone: true,
  flow_gone: true,
  ticket_was_open: true,
  ticket_refused: true,
  expired: true,
  operator_timeout: true,
  step_too_slow: true,
  version_unreadable: true,
  field_refused: true,
} satisfies Record<EndReason, true>;

function isReason(code: string): code is EndReason {
  return Object.hasOwn(REASONS, code);
}

/** The text of a system line's code; undefined for a code this version does not know. */
export function noteText(t: TFunction, code: string | undefined): string | undefined {
  const note = NOTES.find((each) => each === code);
  if (note !== undefined) return t(`systemNotes.${note}`);
  return code !== undefined && isReason(code) ? t('systemNotes.flow_stopped_because', { reason: t(`runs.reasons.${code}`) }) : undefined;
}
