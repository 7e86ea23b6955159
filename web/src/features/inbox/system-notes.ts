import type { TFunction } from 'i18next';
import type { SystemNote } from '@/api/types';

/** What a system line says. A row of before carries its text; all others are said by their code. */
export function noteText(t: TFunction, note: SystemNote | undefined, text: string | undefined): string {
  if (text) return text;
  if (!note) return '';
  const params = note.params ?? {};
  const said = t(`systemNotes.${note.code}`, { ...params, to: params.queue ?? params.agent, defaultValue: note.code });
  return said + details(t, params);
}

/** What a line about the desk adds where it is known: until when, why, and who did it. */
function details(t: TFunction, { until, reply, reason, by }: Record<string, string>): string {
  let said = '';
  if (until) {
    const formatParams = { until: { dateStyle: 'short', timeStyle: 'short' } };
    said += t(reply ? 'noteParts.untilOrReply' : 'noteParts.until', { until: new Date(until), formatParams });
  } else if (reply) {
    said += t('noteParts.reply');
  }
  if (reason) said += t('noteParts.reason', { reason });
  if (by) said += t('noteParts.by', { by });
  return said;
}
