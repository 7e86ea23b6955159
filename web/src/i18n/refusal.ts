import type { TFunction } from 'i18next';
import { span } from './format';

const KEYS = [
  'taken',
  'closed',
  'none',
  'open_exists',
  'not_latest',
  'write_locked',
  'agent_unavailable',
  'queue_archived',
  'fields_missing',
  'reason_required',
  'window_closed_text',
  'snooze_past',
  'no_run',
  'closing_past',
  'closing_waits',
  'no_closing',
  'survey_required',
  'survey_unknown',
  'survey_open',
] as const;

type Key = (typeof KEYS)[number];

/** Why something about a ticket was refused, as a sentence that names who and when: "Ana aceitou há 3 s". Else undefined. */
export function refusalSentence(t: TFunction, key: string, args: Readonly<Record<string, string>>): string | undefined {
  const [area, name] = key.split('.');
  const known = KEYS.find((each) => each === name);
  if (area !== 'ticket' || !known) return undefined;
  const who = args.agent || args.by || t('refused.somebody');
  if (known !== 'taken' && known !== 'closed') return t(`refused.${known satisfies Key}`, { who, fields: args.fields ?? '' });
  if (!args.at) return t(`refused.${known}_before`, { who });
  return t(`refused.${known}`, { who, ago: span(Date.now() - Date.parse(args.at)) });
}
