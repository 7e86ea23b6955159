import type { TFunction } from 'i18next';
import type { OwnedCalendar } from '@/api/types';
import type { Language } from '@/i18n';

/** How a calendar stands, in words: open until when, or when it opens next. Times are those of its zone. */
export function standing(
  t: TFunction,
  { state, opens_at, closes_at }: Pick<OwnedCalendar, 'state' | 'opens_at' | 'closes_at'>,
  { now, language, zone }: { now: number; language: Language; zone: string },
): string {
  const at = state === 'open' ? closes_at : opens_at;
  const says = state === 'open' ? 'open' : state === 'holiday' ? 'holiday' : 'closed';
  if (at === undefined) return t(`settings.hours.now.${says}`);
  const when = new Date(at);
  const day = (instant: Date | number) => new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(instant);
  const clock = new Intl.DateTimeFormat(language, { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(when);
  const days = Math.round((Date.parse(day(when)) - Date.parse(day(now))) / 86_400_000);
  const date =
    days === 0
      ? t('settings.hours.now.today')
      : days === 1
        ? t('settings.hours.now.tomorrow')
        : new Intl.DateTimeFormat(language, days < 7 ? { timeZone: zone, weekday: 'long' } : { timeZone: zone, day: '2-digit', month: '2-digit' }).format(when);
  return t(`settings.hours.now.${says}Until`, { when: `${date} ${clock}` });
}
