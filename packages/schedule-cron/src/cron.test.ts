import { describe, expect, test } from 'vitest';
import { cron } from './cron.js';

const UTC = { timezone: 'UTC' };
const MINUTE = 60_000;

describe('cron', () => {
  test('a schedule of the kind cron, frozen', () => {
    const schedule = cron('*/5 9-15 * * Mon-Fri');
    expect(schedule.kind).toBe('cron');
    expect(Object.isFrozen(schedule)).toBe(true);
  });

  test('its own time zone goes before that of the context', () => {
    const schedule = cron('0 12 * * *', { timezone: 'Asia/Shanghai' });
    const expected = Date.parse('2025-01-01T12:00+08:00');
    const after = Date.parse('2025-01-01T00:00Z');
    expect(schedule.next(after, UTC)).toBe(expected);
    expect(schedule.next(after, { timezone: 'America/New_York' })).toBe(expected);
    expect(cron('0 12 * * *').next(after, { timezone: 'Asia/Shanghai' })).toBe(expected);
    expect(cron('0 12 * * *').next(after, UTC)).toBe(Date.parse('2025-01-01T12:00Z'));
  });

  test('it follows the time zone of the job unless it has its own', () => {
    expect(cron('0 0 * * *').followsTimezone).toBe(true);
    expect(cron('0 0 * * *', { timezone: 'UTC' }).followsTimezone).toBe(false);
  });

  test('the fingerprint tells schedules apart and nothing else', () => {
    expect(cron('*/30  * * * MON').fingerprint).toBe('cron 0,30 * * * 1');
    expect(cron('0,30 * * * 1').fingerprint).toBe(cron('*/30 * * * Mon').fingerprint);
    expect(cron('0 * * * *').fingerprint).not.toBe(cron('0 0-23 * * *').fingerprint);
    expect(cron('0 0 * * *', { timezone: 'UTC' }).fingerprint).toBe('cron 0 0 * * * in UTC');
    expect(cron('0 0 * * *', { daylightSaving: { gap: 'next_instant', overlap: 'first' } }).fingerprint).toBe(
      'cron 0 0 * * *',
    );
    expect(
      cron('0 0 * * *', { timezone: 'UTC', daylightSaving: { gap: 'skip', overlap: 'both' } }).fingerprint,
    ).toBe('cron 0 0 * * * in UTC gap skip overlap both');
  });

  test('options that are undefined are the defaults', () => {
    const options = { timezone: undefined, daylightSaving: undefined };
    expect(cron('0 0 * * *', options).fingerprint).toBe('cron 0 0 * * *');
    expect(cron('0 0 * * *', { daylightSaving: { gap: undefined } }).fingerprint).toBe('cron 0 0 * * *');
  });

  test('the rules for fixed hours leave elapsed time alone', () => {
    const timezone = 'America/New_York';
    const after = Date.parse('2025-11-02T00:30-04:00');
    const plain = cron('0 * * * *');
    const ruled = cron('0 * * * *', { daylightSaving: { gap: 'shift', overlap: 'second' } });
    expect(ruled.due?.(after, after + 5 * 60 * MINUTE, { timezone })).toEqual(
      plain.due?.(after, after + 5 * 60 * MINUTE, { timezone }),
    );
  });

  test.each([
    [{ timezone: 'Nowhere' }, 'cron.timezone', 'Nowhere'],
    [{ timezone: '' }, 'cron.timezone', ''],
    [{ timezone: null }, 'cron.timezone', null],
    [{ timeZone: 'UTC' }, 'cron.options.timeZone', 'UTC'],
    [null, 'cron.options', null],
    ['UTC', 'cron.options', 'UTC'],
    [[], 'cron.options', []],
    [{ daylightSaving: 'skip' }, 'cron.daylightSaving', 'skip'],
    [{ daylightSaving: null }, 'cron.daylightSaving', null],
    [{ daylightSaving: { gaps: 'skip' } }, 'cron.daylightSaving.gaps', 'skip'],
    [{ daylightSaving: { gap: 'next' } }, 'cron.daylightSaving.gap', 'next'],
    [{ daylightSaving: { overlap: 2 } }, 'cron.daylightSaving.overlap', 2],
  ])('the options %j are refused', (options, option, received) => {
    expect(() => cron('* * * * *', options as object)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option, received }),
    );
  });

  test('a context with an unknown time zone is refused', () => {
    expect(() => cron('* * * * *').next(0, { timezone: 'Nowhere' })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: 'timezone' }),
    );
  });

  test('ten years of minutes are counted, not stepped through', () => {
    const from = Date.UTC(2015, 0, 1);
    const through = Date.UTC(2025, 0, 1) - MINUTE;
    const count = (through - from) / MINUTE + 1;
    const schedule = cron('* * * * *');
    for (const timezone of ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Africa/Casablanca']) {
      const start = performance.now();
      expect(schedule.due?.(from, through, { timezone })).toEqual({ count, first: from, last: through });
      expect(performance.now() - start).toBeLessThan(200);
    }
  });

  test('a fixed time is due once a day for ten years, whatever the clocks did', () => {
    for (const timezone of ['America/New_York', 'Australia/Lord_Howe', 'Antarctica/Troll', 'Africa/Cairo']) {
      for (const expression of ['30 0 * * *', '30 1 * * *', '30 2 * * *', '0 23 * * *']) {
        const due = cron(expression, { timezone }).due?.(
          Date.UTC(2015, 0, 1, 12, 7),
          Date.UTC(2025, 0, 1, 12, 7),
          UTC,
        );
        expect(due?.count).toBe(3_653);
      }
    }
  });

  test('an empty or turned range has nothing due', () => {
    const nothing = { count: 0, first: undefined, last: undefined };
    const schedule = cron('0 0 1 1 *');
    expect(schedule.due?.(Date.UTC(2025, 0, 2), Date.UTC(2025, 11, 31), UTC)).toEqual(nothing);
    expect(schedule.due?.(Date.UTC(2026, 0, 1), Date.UTC(2025, 0, 1), UTC)).toEqual(nothing);
    expect(schedule.due?.(Number.NaN, Number.NaN, UTC)).toEqual(nothing);
  });
});
