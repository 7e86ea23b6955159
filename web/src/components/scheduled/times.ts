/** A time that is offered for sending. */
export interface SendTime {
  id: 'hour' | 'tomorrow' | 'monday';
  at: Date;
}

const MORNING = 9;

/** In an hour, tomorrow at nine, and Monday at nine where that is not tomorrow. */
export function sendTimes(now: Date): SendTime[] {
  const day = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING);
  const times: SendTime[] = [
    { id: 'hour', at: new Date(now.getTime() + 3_600_000) },
    { id: 'tomorrow', at: day(1) },
  ];
  const toMonday = (8 - now.getDay()) % 7 || 7;
  if (toMonday > 1) times.push({ id: 'monday', at: day(toMonday) });
  return times;
}

/** An instant as a field of date and time has it, to the second, in the time of this machine. */
export function localSeconds(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const seconds = at.getSeconds() === 0 ? '' : `:${two(at.getSeconds())}`;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}${seconds}`;
}

/** The IANA zone of this machine, in which instants are chosen. */
export function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** How often something comes again. */
export const REPEATS = ['never', 'daily', 'weekdays', 'weekly', 'monthly'] as const;
export type Repeat = (typeof REPEATS)[number];

const RULES: Record<Exclude<Repeat, 'never'>, string> = {
  daily: 'FREQ=DAILY',
  weekdays: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
  weekly: 'FREQ=WEEKLY',
  monthly: 'FREQ=MONTHLY',
};

/** The most times that something comes. */
export const MOST_TIMES = 366;

/** A recurrence as the server reads it; empty: once. */
export function ruleOf(repeat: Repeat, times: number): string {
  return repeat === 'never' ? '' : `${RULES[repeat]};COUNT=${times}`;
}

/** The choice and the number behind a rule that this console wrote. Others are kept as they are. */
export function repeatOf(rule: string | undefined): { repeat: Repeat; times: number } | undefined {
  if (!rule) return { repeat: 'never', times: 5 };
  const [, base, count] = /^(.*);COUNT=(\d+)$/.exec(rule) ?? [];
  const known = REPEATS.find((each) => each !== 'never' && RULES[each] === base);
  return known && { repeat: known, times: Number(count) };
}
