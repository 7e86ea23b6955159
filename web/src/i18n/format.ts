import { useSyncExternalStore } from 'react';
import { usePreferences } from '@/app/preferences';
import type { Language } from './index';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A span of time in at most two units: "40 s", "12 min", "3 h 05 min", "2 d 4 h". Negative spans count as none. The units
 * are the same in Portuguese and English.
 */
export function span(ms: number): string {
  const left = Math.max(0, ms);
  if (left < MINUTE) return `${Math.floor(left / 1000)} s`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)} min`;
  if (left < DAY) {
    const minutes = Math.floor((left % HOUR) / MINUTE);
    const hours = `${Math.floor(left / HOUR)} h`;
    return minutes === 0 ? hours : `${hours} ${String(minutes).padStart(2, '0')} min`;
  }
  const hours = Math.floor((left % DAY) / HOUR);
  const days = `${Math.floor(left / DAY)} d`;
  return hours === 0 ? days : `${days} ${hours} h`;
}

/** Seconds as a player shows them: 0:07, 1:23:45. */
export function clock(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** Bytes in the unit a person expects. */
export function fileSize(bytes: number, language: Language): string {
  const units = ['B', 'kB', 'MB', 'GB'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${units[unit] ?? 'B'}`;
}

/**
 * A phone number as Brazilians write it: (11) 91234-5678. Numbers of other countries keep their digits behind a plus.
 * Takes E.164 with or without the plus; anything else comes back as it is.
 */
export function phoneNumber(value: string): string {
  const digits = value.replace(/[\s().-]/g, '').replace(/^\+/, '');
  if (!/^\d{6,15}$/.test(digits)) return value;
  const brazil = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits);
  if (brazil) return `(${brazil[1]}) ${brazil[2]}-${brazil[3]}`;
  return `+${digits}`;
}

function sameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}

/** Days between two instants by the calendar of this machine: 0 today, 1 yesterday. */
function daysAgo(then: Date, now: Date): number {
  const start = (d: Date) => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate());
  return Math.round((start(now) - start(then)) / DAY);
}

/** Dates and times in one language. */
export interface Dates {
  /** 14:32 */
  time(at: string | number): string;
  /** Today "14:32", this week "ter. 14:32", else "12 nov. 14:32", other years with the year. */
  short(at: string | number, now: number): string;
  /** For lists: "14:32", "ontem"-less: weekday within six days, else the date. */
  list(at: string | number, now: number): string;
  /** Everything, for titles: "terça-feira, 12 de novembro de 2026 14:32:07". */
  full(at: string | number): string;
  /** A day that has no hour, such as a birthday: "12/04/1988". Takes YYYY-MM-DD. */
  date(day: string): string;
  /** The label of a day between messages. */
  day(at: string | number, now: number, words: { today: string; yesterday: string }): string;
}

const made = new Map<Language, Dates>();

/** The formats of a language, made once. */
export function dates(language: Language): Dates {
  const known = made.get(language);
  if (known) return known;
  // English dates here are day first and 24 hours: the people who read them work in Brazil.
  const locale = language === 'en' ? 'en-GB' : 'pt-BR';
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
  const dateYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
  const longDay = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  const longDayYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' });
  const plain = new Intl.DateTimeFormat(locale, { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' });
  const calendar = (d: Date, now: Date) => (d.getFullYear() === now.getFullYear() ? date : dateYear).format(d);
  const formats: Dates = {
    time: (at) => time.format(new Date(at)),
    short(at, nowMs) {
      const d = new Date(at);
      const now = new Date(nowMs);
      if (sameDay(d, now)) return time.format(d);
      const ago = Math.abs(daysAgo(d, now));
      return `${ago < 6 ? weekday.format(d) : calendar(d, now)} ${time.format(d)}`;
    },
    list(at, nowMs) {
      const d = new Date(at);
      const now = new Date(nowMs);
      if (sameDay(d, now)) return time.format(d);
      const ago = daysAgo(d, now);
      return ago > 0 && ago < 6 ? weekday.format(d) : calendar(d, now);
    },
    full: (at) => full.format(new Date(at)),
    date: (day) => plain.format(new Date(`${day}T12:00:00Z`)),
    day(at, nowMs, words) {
      const d = new Date(at);
      const now = new Date(nowMs);
      const ago = daysAgo(d, now);
      if (ago === 0) return words.today;
      if (ago === 1) return words.yesterday;
      return (d.getFullYear() === now.getFullYear() ? longDay : longDayYear).format(d);
    },
  };
  made.set(language, formats);
  return formats;
}

/** The formats of the language in use. */
export function useDates(): Dates {
  return dates(usePreferences().language);
}

// One clock for everything that counts on the screen, so that a page of counters costs one timer.
const listeners = new Set<() => void>();
let tick = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    tick = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/**
 * The time, renewed often enough for counters. `everyMs` makes it coarse, so that a component renders only when what it
 * shows can have changed.
 */
export function useNow(everyMs = 1000): number {
  const read = () => (timer === undefined ? (tick = Date.now()) : tick);
  return useSyncExternalStore(subscribe, () => {
    const now = read();
    return now - (now % everyMs);
  });
}
