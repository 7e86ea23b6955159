import { Copy, CopyCheck, Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Period } from '@/api/types';
import { IconButton } from '@/components/button';

/** Opening hours by weekday, "0" for Sunday. */
export type Week = Record<string, Period[]>;

/** Monday first, as people here read a week. */
const DAYS = ['1', '2', '3', '4', '5', '6', '0'] as const;

const BOX = 'h-9 rounded-lg border border-line-strong bg-raised px-2 text-sm tabular text-ink outline-none focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/40';

/** The week as the server takes it: a period from midnight to midnight is the whole day, and empty ones are left out. */
export function cleaned(week: Week): Week {
  return Object.fromEntries(
    Object.entries(week).map(([day, periods]) => [
      day,
      periods.filter(({ from, to }) => from !== '' && to !== '').map(({ from, to }) => ({ from, to: from === '00:00' && to === '00:00' ? '24:00' : to })),
    ]),
  );
}

/** Where a new period of a day begins: an hour after the last one. */
function nextPeriod(periods: Period[]): Period {
  const last = periods.at(-1);
  if (!last) return { from: '08:00', to: '18:00' };
  const hour = Math.min(22, Number(last.to.slice(0, 2)) + 1);
  const two = (n: number) => String(n).padStart(2, '0');
  return { from: `${two(hour)}:00`, to: `${two(Math.min(23, hour + 4))}:00` };
}

/** Two times of day with a line between them. One that ends earlier goes on after midnight. */
export function PeriodFields({ name, period, onChange }: { name: string; period: Period; onChange: (period: Period) => void }) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex items-center gap-1.5">
      <input type="time" required aria-label={t('settings.hours.fromOf', { name })} value={period.from} onChange={(event) => onChange({ ...period, from: event.target.value })} className={BOX} />
      <span aria-hidden="true">–</span>
      <input
        type="time"
        required
        aria-label={t('settings.hours.toOf', { name })}
        value={period.to === '24:00' ? '00:00' : period.to}
        onChange={(event) => onChange({ ...period, to: event.target.value })}
        className={BOX}
      />
    </span>
  );
}

/** A week of opening hours: several periods a day, each with its times, and a day copied to others. */
export function WeekEditor({ week, onChange }: { week: Week; onChange: (week: Week) => void }) {
  const { t } = useTranslation();
  const set = (day: string, periods: Period[]) => onChange({ ...week, [day]: periods });
  const copy = (day: string, to: readonly string[]) => onChange({ ...week, ...Object.fromEntries(to.map((each) => [each, (week[day] ?? []).map((period) => ({ ...period }))])) });
  return (
    <div className="space-y-2">
      <p className="text-xs text-pretty text-muted">{t('settings.hours.weekHint')}</p>
      <ul aria-label={t('settings.hours.week')} className="divide-y divide-line rounded-xl border border-line">
        {DAYS.map((day) => {
          const name = t(`settings.hours.days.${day}`);
          const periods = week[day] ?? [];
          return (
            <li key={day} className="flex flex-wrap items-start gap-x-3 gap-y-2 px-3 py-2">
              <span className="w-20 shrink-0 pt-2 text-sm font-medium">{name}</span>
              <div className="flex min-w-0 flex-1 basis-48 flex-col gap-2">
                {periods.length === 0 && <span className="pt-2 text-sm text-muted">{t('settings.hours.closed')}</span>}
                {periods.map((period, index) => (
                  <span key={index} className="inline-flex items-center gap-1">
                    <PeriodFields name={`${name} ${index + 1}`} period={period} onChange={(next) => set(day, periods.with(index, next))} />
                    <IconButton label={t('settings.hours.removePeriod', { name: `${name} ${index + 1}` })} onClick={() => set(day, periods.toSpliced(index, 1))}>
                      <X aria-hidden="true" className="size-4" />
                    </IconButton>
                  </span>
                ))}
              </div>
              <span className="flex">
                <IconButton label={t('settings.hours.addPeriod', { name })} onClick={() => set(day, [...periods, nextPeriod(periods)])}>
                  <Plus aria-hidden="true" className="size-4" />
                </IconButton>
                <IconButton label={t('settings.hours.copyWorkdays', { name })} onClick={() => copy(day, ['1', '2', '3', '4', '5'])}>
                  <Copy aria-hidden="true" className="size-4" />
                </IconButton>
                <IconButton label={t('settings.hours.copyAll', { name })} onClick={() => copy(day, DAYS)}>
                  <CopyCheck aria-hidden="true" className="size-4" />
                </IconButton>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
