import { describe, expect, it } from 'vitest';
import { localSeconds, repeatOf, REPEATS, ruleOf, sendTimes } from './times';

describe('the times that are offered for sending', () => {
  it('are in an hour, tomorrow at nine, and Monday where that is another day', () => {
    const friday = new Date(2026, 11, 4, 17, 30);
    expect(sendTimes(friday).map(({ id, at }) => `${id} ${localSeconds(at)}`)).toEqual(['hour 2026-12-04T18:30', 'tomorrow 2026-12-05T09:00', 'monday 2026-12-07T09:00']);
    const sunday = new Date(2026, 11, 6, 8);
    expect(sendTimes(sunday).map(({ id }) => id)).toEqual(['hour', 'tomorrow']);
    expect(localSeconds(new Date(2026, 0, 2, 3, 4, 5))).toBe('2026-01-02T03:04:05');
  });

  it('come again by a rule that can be read back', () => {
    for (const repeat of REPEATS) {
      const rule = ruleOf(repeat, 7);
      expect(repeatOf(rule)?.repeat).toBe(repeat);
      if (repeat !== 'never') expect(repeatOf(rule)?.times).toBe(7);
    }
    expect(ruleOf('weekdays', 3)).toBe('FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=3');
    expect(repeatOf('FREQ=YEARLY;UNTIL=20271231T000000Z')).toBeUndefined();
  });
});
