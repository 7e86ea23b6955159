import { describe, expect, it } from 'vitest';
import { clock, dates, fileSize, phoneNumber, span } from './format';

describe('formats', () => {
  it.each([
    ['5511912345678', '(11) 91234-5678'],
    ['+5511912345678', '(11) 91234-5678'],
    ['551131234567', '(11) 3123-4567'],
    ['351912345678', '+351912345678'],
    ['BR.134912', 'BR.134912'],
    ['', ''],
  ])('phone %j is %j', (value, shown) => expect(phoneNumber(value)).toBe(shown));

  it.each([
    [-1, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [3_900_000, '1 h 05 min'],
    [90_000_000, '1 d 1 h'],
  ])('span of %i ms is %j', (ms, shown) => expect(span(ms)).toBe(shown));

  it('shows a player’s time', () => {
    expect([clock(7), clock(75), clock(3725), clock(Number.NaN)]).toEqual(['0:07', '1:15', '1:02:05', '0:00']);
  });

  it('shows bytes', () => {
    expect([fileSize(284_112, 'pt-BR'), fileSize(1_500_000, 'pt-BR'), fileSize(1_500_000, 'en')]).toEqual(['284 kB', '1,5 MB', '1.5 MB']);
  });

  it('names days by the calendar, not by 24 hours', () => {
    const now = new Date(2026, 10, 20, 0, 30).getTime();
    const words = { today: 'Hoje', yesterday: 'Ontem' };
    const pt = dates('pt-BR');
    expect(pt.day(new Date(2026, 10, 20, 0, 1).getTime(), now, words)).toBe('Hoje');
    expect(pt.day(new Date(2026, 10, 19, 23, 59).getTime(), now, words)).toBe('Ontem');
    expect(pt.day(new Date(2026, 10, 12).getTime(), now, words)).toContain('12 de novembro');
    expect(dates('en').short(new Date(2026, 10, 12, 9, 5).getTime(), now)).toBe('12 Nov 09:05');
  });
});
