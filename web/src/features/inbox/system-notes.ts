import type { TFunction } from 'i18next';
import type { SystemNote } from '@/api/types';
import { unsentReason } from '@/i18n/unsent';

/** What a system line says. A row of before carries its text; all others are said by their code. */
export function noteText(t: TFunction, note: SystemNote | undefined, text: string | undefined): string {
  if (text) return text;
  if (!note) return '';
  const params = note.params ?? {};
  const said = t(`systemNotes.${note.code}`, { ...params, to: params.queue ?? params.agent, defaultValue: note.code });
  if (note.code.startsWith('scheduled_')) return said + scheduled(t, params);
  if (note.code === 'survey_unsent') return said + t(`noteParts.surveyWhy.${params.reason as 'window' | 'blocked' | 'template'}`, { defaultValue: '' });
  return said + (note.code.startsWith('closing_') ? closing(t, params) : details(t, params));
}

/** What a line about a scheduled closure adds: for when, whether an answer keeps it open, and who did it. */
function closing(t: TFunction, { at, reply, by }: Record<string, string>): string {
  let said = at ? t('noteParts.at', { at: new Date(at), formatParams: { at: { dateStyle: 'short', timeStyle: 'short' } } }) : '';
  if (reply) said += t(at ? 'noteParts.unlessReply' : 'noteParts.replied');
  if (by) said += t('noteParts.by', { by });
  return said;
}

/** What a line about something scheduled adds: what it is, for when, why it was not sent, and who did it. */
function scheduled(t: TFunction, { what, name, at, again, why, by }: Record<string, string>): string {
  let said = what === 'template' || what === 'flow' ? t(`noteParts.${what}`, { name: name ?? '' }) : t('noteParts.message');
  if (at) said += t('noteParts.at', { at: new Date(at), formatParams: { at: { dateStyle: 'short', timeStyle: 'short' } } });
  if (again) said += t('noteParts.again');
  if (why) said += t('noteParts.why', { why: t(`unsent.${unsentReason(why)}`) });
  if (by && !why) said += t('noteParts.by', { by });
  return said;
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
