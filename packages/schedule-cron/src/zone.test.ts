import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_ZONES, changesIn, FIRST_INSTANT } from '../test/zones.js';
import { LAST_INSTANT } from './last-instant.js';
import { type Segment, zoneOf } from './zone.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The offset that `Intl` prints, in milliseconds. */
function printedOffset(zone: string, instant: number): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const [, sign, hours, minutes, seconds] =
    /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(format.format(instant)) ?? [];
  const size = (Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1_000;
  return sign === '-' && size !== 0 ? -size : size;
}

describe('zones', () => {
  test('offsets are those that Intl prints, at any instant', () => {
    const anyInstant = fc.oneof(
      fc.integer({ min: Date.UTC(1850, 0, 1), max: Date.UTC(2150, 0, 1) }),
      fc.integer({ min: -LAST_INSTANT, max: LAST_INSTANT }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...ALL_ZONES), anyInstant, (zone, instant) => {
        const segment = zoneOf(zone, 'timezone').segmentAt(instant);
        expect(segment.offset).toBe(printedOffset(zone, instant));
        expect(segment.from).toBeLessThanOrEqual(instant);
        expect(segment.until).toBeGreaterThan(instant);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    'America/New_York',
    'Africa/Casablanca',
    'Asia/Gaza',
    'Africa/Monrovia',
    'America/Noronha',
    'Pacific/Apia',
  ])('the stretches of %s join and know each change', (name) => {
    const zone = zoneOf(name, 'timezone');
    const seen: { at: number; by: number }[] = [];
    let before: Segment = zone.segmentAt(FIRST_INSTANT);
    while (before.until < Date.UTC(2037, 11, 1)) {
      const segment = zone.segmentAt(before.until);
      const by = segment.offset - before.offset;
      if (by === 0) {
        expect(segment.from).toBeLessThanOrEqual(before.until);
        before = segment;
        continue;
      }
      seen.push({ at: before.until, by });
      expect(segment.from).toBe(before.until);
      expect(segment.gapFrom).toBe(by > 0 ? segment.from + before.offset : Number.POSITIVE_INFINITY);
      if (by < 0) {
        expect(segment.repeatedUntil).toBe(segment.from + before.offset);
        expect(before.repeatedFrom).toBe(segment.from + segment.offset);
      }
      before = segment;
    }
    expect(seen).toEqual(
      changesIn(name)
        .filter(({ at }) => at < Date.UTC(2037, 11, 1))
        .map(({ at, by }) => ({ at, by })),
    );
  });

  test('the two closest changes of any zone are both found', () => {
    const zone = zoneOf('Africa/Freetown', 'timezone');
    const start = Date.UTC(1939, 7, 25);
    const offsets = new Set<number>();
    for (let at = start; at < start + 14 * DAY; at += HOUR) offsets.add(zone.segmentAt(at).offset);
    const printed = new Set<number>();
    for (let at = start; at < start + 14 * DAY; at += HOUR) printed.add(printedOffset('Africa/Freetown', at));
    expect(offsets).toEqual(printed);
  });

  test('offsets with seconds are kept', () => {
    expect(zoneOf('Africa/Monrovia', 'timezone').segmentAt(0).offset).toBe(-(44 * 60 + 30) * 1_000);
    expect(zoneOf('America/New_York', 'timezone').segmentAt(Date.UTC(1880, 0, 1)).offset).toBe(
      -(4 * 3_600 + 56 * 60 + 2) * 1_000,
    );
  });

  test('many years are read without end of memory', () => {
    const zone = zoneOf('Europe/Berlin', 'timezone');
    for (let year = 1_000; year < 3_000; year += 1) {
      expect(Math.abs(zone.segmentAt(Date.UTC(year, 6, 1)).offset)).toBeLessThanOrEqual(3 * HOUR);
    }
  });

  test.each(['Mars/Olympus', '', 'Europe/Berlin ', 5, null])('%s is refused', (name) => {
    expect(() => zoneOf(name as string, 'cron.timezone')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: 'cron.timezone', received: name }),
    );
  });

  test('names may be written in any case', () => {
    expect(zoneOf('europe/BERLIN', 'timezone').segmentAt(0).offset).toBe(HOUR);
  });
});
