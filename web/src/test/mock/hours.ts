import type { CalendarHours, HoursPage, OwnedCalendar } from '../../api/types';
import type { MockAnswer } from './api.ts';

/** Opening hours: the account has a week, a queue has hours of its own, everything else goes by others. */
export function freshHours(now: number): HoursPage {
  const opens = new Date(now + 14 * 3_600_000).toISOString();
  const day = [
    { from: '08:00', to: '12:00' },
    { from: '13:00', to: '18:00' },
  ];
  return {
    enabled: true,
    timezone: 'America/Sao_Paulo',
    holidays: [{ date: '12-25', name: 'Natal', periods: [] }],
    calendars: [
      { owner: 'account', id: 0, name: '', from: 'account', state: 'closed', opens_at: opens, hours: { days: { '1': day, '2': day, '3': day, '4': day, '5': day } } },
      { owner: 'connection', id: 1, name: 'Atendimento', from: 'account', state: 'closed', opens_at: opens },
      { owner: 'queue', id: 1, name: 'Suporte', from: 'queue', state: 'open', hours: { days: { '0': [{ from: '00:00', to: '24:00' }] } } },
      { owner: 'queue', id: 2, name: 'Financeiro', from: 'connection' },
    ],
  };
}

/** The answer to a read or a change of opening hours; undefined when it is none. */
export function hoursAnswer(page: HoursPage, method: string, url: URL, body: string): MockAnswer | undefined {
  if (url.pathname === '/v1/holidays') {
    const year = Number(url.searchParams.get('year'));
    const national = [
      { date: `${year}-04-21`, name: 'Tiradentes', periods: [] },
      { date: `${year}-12-25`, name: 'Natal', periods: [] },
    ];
    return { status: 200, body: { country: 'BR', year, national, optional: [{ date: `${year}-06-04`, name: 'Corpus Christi', periods: [] }] } };
  }
  const match = /^\/v1\/hours(?:\/(connection|queue)\/(\d+))?$/.exec(url.pathname);
  if (!match) return undefined;
  if (method === 'PATCH') {
    const { hours, always_open: without, ...rest } = JSON.parse(body) as Partial<HoursPage> & { hours?: CalendarHours; always_open?: boolean };
    Object.assign(page, rest);
    set(page.calendars[0], without ? undefined : (hours ?? page.calendars[0]?.hours));
  }
  if (method === 'PUT') {
    const { hours } = JSON.parse(body) as { hours?: CalendarHours };
    set(page.calendars.find(({ owner, id }) => owner === match[1] && id === Number(match[2])), hours);
  }
  return { status: 200, body: structuredClone(page) };
}

function set(calendar: OwnedCalendar | undefined, hours: CalendarHours | undefined): void {
  if (!calendar) return;
  delete calendar.hours;
  if (hours) calendar.hours = hours;
}
