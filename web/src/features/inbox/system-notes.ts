import type { TFunction } from 'i18next';
import { flowTexts } from '@/i18n/pt-br.flows';
import { inboxTexts } from '@/i18n/pt-br.inbox';

type Note = keyof typeof inboxTexts.systemNotes;
type Reason = keyof typeof flowTexts.runs.reasons;

function isNote(code: string): code is Note {
  return Object.hasOwn(inboxTexts.systemNotes, code);
}

function isReason(code: string): code is Reason {
  return Object.hasOwn(flowTexts.runs.reasons, code);
}

/** The text of a system line's code; undefined for a code this version does not know. */
export function noteText(t: TFunction, code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  if (isNote(code)) return t(`systemNotes.${code}`);
  if (isReason(code)) return t('systemNotes.flow_stopped_because', { reason: t(`runs.reasons.${code}`) });
  return undefined;
}
