/** A time that is offered for waking. */
export interface SnoozeTime {
  id: 'hour' | 'afternoon' | 'tomorrow' | 'monday';
  at: Date;
}

const AFTERNOON = 15;
const MORNING = 9;

function day(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}

/** The times that make sense at an instant: this afternoon only while it is ahead, Monday only when it is not tomorrow. */
export function snoozeTimes(now: Date): SnoozeTime[] {
  const times: SnoozeTime[] = [{ id: 'hour', at: new Date(now.getTime() + 3_600_000) }];
  if (now.getHours() < AFTERNOON - 1) times.push({ id: 'afternoon', at: day(now, 0, AFTERNOON) });
  times.push({ id: 'tomorrow', at: day(now, 1, MORNING) });
  const toMonday = (8 - now.getDay()) % 7 || 7;
  if (toMonday > 1) times.push({ id: 'monday', at: day(now, toMonday, MORNING) });
  return times;
}

/** An instant as a field of date and time has it, in the time of this machine. */
export function localInput(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
