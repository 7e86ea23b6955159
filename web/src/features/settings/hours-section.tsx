import { useQuery } from '@tanstack/react-query';
import { CalendarDays, Clock } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeHours, holidaysQuery, hoursQuery, saveOwnHours } from '@/api/queries/hours';
import type { HoursPage, OwnedCalendar } from '@/api/types';
import { Badge, Dot } from '@/components/badge';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { CheckField } from '@/components/check-field';
import { FormDialog } from '@/components/dialog';
import { SelectField } from '@/components/select-field';
import { Switch } from '@/components/switch';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { useNow } from '@/i18n/format';
import { DaysEditor, type Day } from './days-editor';
import { standing } from './hours-words';
import { SectionHead } from './list-section';
import { useSaving } from './use-setting';
import { cleaned, WeekEditor, type Week } from './week-editor';
import { usePreferences } from '@/app/preferences';

const ZONES = ['America/Sao_Paulo', 'America/Manaus', 'America/Cuiaba', 'America/Fortaleza', 'America/Belem', 'America/Rio_Branco', 'America/Noronha', 'Europe/Lisbon'];
/** What the week of a new calendar begins with. */
const USUAL: Week = Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [{ from: '08:00', to: '12:00' }, { from: '13:00', to: '18:00' }]]));

/** Opening hours of the account, its connections and its queues (rules 019, 032, 041), and the holidays of all. */
export function HoursSection() {
  const { t } = useTranslation();
  const query = useQuery(hoursQuery);
  return (
    <section className="space-y-5">
      <SectionHead title={t('settings.hours.title')} lead={t('settings.hours.lead')} />
      {query.isPending ? <LoadingRows rows={4} /> : query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <Hours page={query.data} />}
    </section>
  );
}

function Hours({ page }: { page: HoursPage }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const now = useNow(60_000);
  const [edited, setEdited] = useState<OwnedCalendar>();
  const [holidays, setHolidays] = useState(false);
  const save = useSaving(() => undefined);
  const none = page.calendars.every(({ hours }) => hours === undefined);
  const nameOf = (each: OwnedCalendar) => (each.owner === 'account' ? t('settings.hours.account') : each.name);
  return (
    <>
      <div className="rounded-2xl border border-line bg-surface p-5">
        <Switch
          label={t('settings.hours.enabled')}
          hint={t('settings.hours.enabledHint')}
          on={page.enabled}
          disabled={save.isPending}
          onChange={(enabled) => save.mutate(() => changeHours({ enabled }))}
        />
      </div>
      {none && <p className="rounded-xl bg-sunken px-4 py-3 text-sm text-pretty text-muted">{t('settings.hours.empty')}</p>}
      <ul aria-label={t('settings.hours.title')} className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
        {page.calendars.map((each) => (
          <li key={`${each.owner}/${each.id}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3">
            <div className="min-w-0 flex-1 basis-52">
              <p className="text-xs text-muted">{t(`settings.hours.owners.${each.owner}`)}</p>
              <h3 className="truncate font-medium">{nameOf(each)}</h3>
              <p className="text-xs text-muted">{each.hours ? t('settings.hours.own') : t(`settings.hours.from.${each.from}`)}</p>
            </div>
            {each.state && (
              <Badge tone={each.state === 'open' ? 'good' : 'neutral'}>
                <Dot tone={each.state === 'open' ? 'good' : 'neutral'} />
                {standing(t, each, { now, language, zone: each.hours?.timezone ?? page.timezone })}
              </Badge>
            )}
            <Button onClick={() => setEdited(each)} aria-label={t('settings.hours.editOne', { name: nameOf(each) })}>
              <Clock aria-hidden="true" className="size-4" />
              {t('settings.hours.edit')}
            </Button>
          </li>
        ))}
      </ul>
      <Card
        title={t('settings.hours.holidays')}
        hint={page.holidays.length === 0 ? t('settings.hours.holidaysEmpty') : t('settings.hours.holidaysHint')}
        actions={
          <Button onClick={() => setHolidays(true)}>
            <CalendarDays aria-hidden="true" className="size-4" />
            {t('settings.hours.holidaysEdit')}
          </Button>
        }
      >
        <ul aria-label={t('settings.hours.holidays')} className="flex flex-wrap gap-2">
          {page.holidays.map((day) => (
            <li key={day.date} className="rounded-lg bg-sunken px-2.5 py-1 text-sm">
              <span className="tabular text-muted">{day.date.split('-').toReversed().join('/')}</span> {day.name}
              {day.periods.map(({ from, to }) => ` ${from}–${to}`)}
            </li>
          ))}
        </ul>
      </Card>
      {edited && <CalendarForm key={`${edited.owner}/${edited.id}`} calendar={edited} name={nameOf(edited)} zone={page.timezone} onClose={() => setEdited(undefined)} />}
      {holidays && <HolidaysForm days={page.holidays} onClose={() => setHolidays(false)} />}
    </>
  );
}

function CalendarForm({ calendar, name, zone, onClose }: { calendar: OwnedCalendar; name: string; zone: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [own, setOwn] = useState(calendar.hours !== undefined);
  const [week, setWeek] = useState<Week>(() => calendar.hours?.days ?? USUAL);
  const [exceptions, setExceptions] = useState<Day[]>(() => calendar.hours?.exceptions ?? []);
  const [timezone, setTimezone] = useState(calendar.hours?.timezone ?? '');
  const save = useSaving(onClose);
  const zones = [...new Set([...ZONES, ...(timezone ? [timezone] : [])])].filter((each) => each !== zone);
  return (
    <FormDialog
      open
      onOpenChange={(next) => !next && onClose()}
      width="wide"
      title={t('settings.hours.formTitle', { name })}
      names={['hours.timezone', 'hours.days', 'hours.exceptions']}
      error={save.error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={() => {
        const hours = own ? { ...(timezone && { timezone }), days: cleaned(week), exceptions } : undefined;
        save.mutate(() =>
          calendar.owner === 'account' ? changeHours(hours ? { hours } : { always_open: true }) : saveOwnHours(calendar.owner, calendar.id, hours),
        );
      }}
    >
      <CheckField label={t('settings.hours.hasOwn')} hint={t(`settings.hours.withoutOwn.${calendar.owner}`)} checked={own} onChecked={setOwn} />
      {own && (
        <>
          <WeekEditor week={week} onChange={setWeek} />
          <SelectField
            label={t('settings.hours.zone')}
            hint={t('settings.hours.zoneHint')}
            name="hours.timezone"
            value={timezone}
            onValue={setTimezone}
            options={[{ value: '', words: t('settings.hours.zoneOfAccount', { zone }) }, ...zones.map((value) => ({ value, words: value.replace('_', ' ') }))]}
          />
          <DaysEditor title={t('settings.hours.exceptions')} hint={t('settings.hours.exceptionsHint')} days={exceptions} onChange={setExceptions} />
        </>
      )}
    </FormDialog>
  );
}

function HolidaysForm({ days, onClose }: { days: Day[]; onClose: () => void }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<Day[]>(days);
  const thisYear = new Date().getFullYear();
  const [year, setYear] = useState(thisYear);
  const list = useQuery(holidaysQuery(year));
  const save = useSaving(onClose);
  const bring = (more: Day[]) => {
    const known = new Set(shown.flatMap(({ date }) => [date, date.slice(-5)]));
    const fresh = more.filter(({ date }) => !known.has(date) && !shown.some((each) => each.date === date.slice(-5)));
    setShown([...shown, ...fresh].toSorted((a, b) => a.date.localeCompare(b.date)));
  };
  return (
    <FormDialog
      open
      onOpenChange={(next) => !next && onClose()}
      width="wide"
      title={t('settings.hours.holidays')}
      names={['holidays']}
      error={save.error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={() => save.mutate(() => changeHours({ holidays: shown }))}
    >
      <div className="flex flex-wrap items-end gap-2">
        <SelectField
          label={t('settings.hours.year')}
          name="year"
          value={String(year)}
          onValue={(value) => setYear(Number(value))}
          options={[0, 1, 2, 3].map((ahead) => ({ value: String(thisYear + ahead), words: String(thisYear + ahead) }))}
        />
        <Button disabled={!list.data} onClick={() => list.data && bring(list.data.national)}>
          {t('settings.hours.importNational')}
        </Button>
        <Button disabled={!list.data} onClick={() => list.data && bring(list.data.optional)}>
          {t('settings.hours.importOptional')}
        </Button>
      </div>
      <DaysEditor title={t('settings.hours.holidays')} hint={t('settings.hours.holidaysHint')} days={shown} onChange={setShown} />
    </FormDialog>
  );
}

