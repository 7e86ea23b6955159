/** What is wrong with something that was typed into a field, as the key of a sentence. */
export type Wrong = 'cpf' | 'cnpj' | 'phone' | 'email' | 'date';

const same = (text: string) => /^(.)\1*$/.test(text);

/** A check digit as both CPF and CNPJ have it: weighted, modulo 11. Letters count from their place in ASCII. */
function digit(text: string, weights: readonly number[]): number {
  const sum = weights.reduce((all, weight, at) => all + weight * (text.charCodeAt(at) - 48), 0);
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}

/** Whether a CPF's check digits match, however it is written. */
export function isCpf(typed: string): boolean {
  const digits = typed.replace(/[.\-\s]/g, '');
  if (!/^\d{11}$/.test(digits) || same(digits)) return false;
  const first = digit(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]);
  const second = digit(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  return digits.endsWith(`${first}${second}`);
}

/** Whether a CNPJ's check digits match: the one of digits, and the one with letters that is given since 2026. */
export function isCnpj(typed: string): boolean {
  const text = typed.replace(/[./\-\s]/g, '').toUpperCase();
  if (!/^[0-9A-Z]{12}\d{2}$/.test(text) || same(text)) return false;
  const first = digit(text, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  const second = digit(text, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  return text.endsWith(`${first}${second}`);
}

/** A CPF as it is printed: 123.456.789-09. Anything else comes back as it is. */
export function cpfShown(value: string): string {
  const digits = value.replace(/\D/g, '');
  return digits.length === 11 ? digits.replace(/^(\d{3})(\d{3})(\d{3})(\d{2})$/, '$1.$2.$3-$4') : value;
}

/** A CNPJ as it is printed: 12.ABC.345/01DE-35. Anything else comes back as it is. */
export function cnpjShown(value: string): string {
  const text = value.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
  return text.length === 14 ? text.replace(/^(..)(...)(...)(....)(..)$/, '$1.$2.$3/$4-$5') : value;
}

/** Whether it is a day of the calendar, as a date field gives it. */
export function isDay(typed: string): boolean {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(typed) ?? [];
  if (year === undefined) return false;
  const day = new Date(Date.UTC(Number(year), Number(month) - 1, Number(date)));
  return Number(year) >= 1900 && day.getUTCMonth() + 1 === Number(month) && day.getUTCDate() === Number(date);
}

/** Whether it can be an e-mail address. */
export function isEmail(typed: string): boolean {
  return typed.length <= 254 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(typed.trim());
}

/**
 * The digits of a phone as somebody wrote it (rule Z19): spaces, hyphens and a plus are taken out, anything else is refused.
 * Undefined when it cannot be a number. Without a country it is one of Brazil.
 */
export function phoneDigits(typed: string): string | undefined {
  const text = typed.trim();
  if (!/^\+?[\d\s-]+$/.test(text)) return undefined;
  const digits = text.replace(/\D/g, '');
  if (text.startsWith('+')) return digits.length >= 8 && digits.length <= 15 ? digits : undefined;
  const national = digits.replace(/^0+/, '');
  if (national.length === 10 || national.length === 11) return `55${national}`;
  return national.length >= 12 && national.length <= 15 ? national : undefined;
}

/** Both writings of a Brazilian mobile number, with and without the ninth digit; any other number alone. */
export function phoneWritings(digits: string): string[] {
  const long = /^(55\d{2})9(\d{8})$/.exec(digits);
  if (long) return [digits, `${long[1]}${long[2]}`];
  const short = /^(55\d{2})([6-9]\d{7})$/.exec(digits);
  return short ? [digits, `${short[1]}9${short[2]}`] : [digits];
}
