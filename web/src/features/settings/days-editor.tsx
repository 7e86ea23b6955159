import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { HoursDay } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { PeriodFields } from './week-editor';

/** A date with hours of its own. */
export type Day = HoursDay;

const BOX = 'h-9 min-w-0 rounded-lg border border-line-strong bg-raised px-2 text-sm text-ink outline-none focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/40';

const yearly = (date: string) => date.length === 5;

/** Dates that are closed or have hours of their own, once or every year. */
export function DaysEditor({ title, hint, days, onChange }: { title: string; hint: string; days: Day[]; onChange: (days: Day[]) => void }) {
  const { t } = useTranslation();
  const year = String(new Date().getFullYear());
  return (
    <fieldset className="space-y-2">
      <legend className="text-sm font-medium">{title}</legend>
      <p className="text-xs text-pretty text-muted">{hint}</p>
      <ul className="space-y-2">
        {days.map((day, index) => {
          const name = day.name ?? day.date;
          const set = (next: Partial<Day>) => onChange(days.with(index, { ...day, ...next }));
          const period = day.periods[0];
          return (
            <li key={index} className="flex flex-wrap items-center gap-2 rounded-xl bg-sunken px-3 py-2">
              <input
                type="date"
                required
                aria-label={t('settings.hours.dateOf', { name })}
                value={yearly(day.date) ? `${year}-${day.date}` : day.date}
                onChange={(event) => set({ date: yearly(day.date) ? event.target.value.slice(-5) : event.target.value })}
                className={`${BOX} tabular`}
              />
              <input
                type="text"
                maxLength={100}
                aria-label={t('settings.hours.nameOf', { name })}
                placeholder={t('settings.hours.namePlaceholder')}
                value={day.name ?? ''}
                onChange={(event) => set({ name: event.target.value })}
                className={`${BOX} flex-1 basis-40`}
              />
              <label className="inline-flex min-h-9 items-center gap-1.5 text-sm">
                <input type="checkbox" checked={yearly(day.date)} onChange={(event) => set({ date: event.target.checked ? day.date.slice(-5) : `${year}-${day.date}` })} className="size-4 accent-accent" />
                {t('settings.hours.yearly')}
              </label>
              <label className="inline-flex min-h-9 items-center gap-1.5 text-sm">
                <input type="checkbox" checked={!period} onChange={(event) => set({ periods: event.target.checked ? [] : [{ from: '08:00', to: '12:00' }] })} className="size-4 accent-accent" />
                {t('settings.hours.closedAllDay')}
              </label>
              {day.periods.map((each, at) => (
                <PeriodFields key={at} name={name} period={each} onChange={(next) => set({ periods: day.periods.with(at, next) })} />
              ))}
              <IconButton label={t('settings.hours.removeDay', { name })} onClick={() => onChange(days.toSpliced(index, 1))}>
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            </li>
          );
        })}
      </ul>
      <Button look="quiet" onClick={() => onChange([...days, { date: new Date().toISOString().slice(0, 10), periods: [] }])}>
        <Plus aria-hidden="true" className="size-4" />
        {t('settings.hours.addDay')}
      </Button>
    </fieldset>
  );
}
