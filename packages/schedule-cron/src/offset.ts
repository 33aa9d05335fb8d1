import { LAST_INSTANT } from './last-instant.js';

const MS_PER_DAY = 86_400_000;

/**
 * Reads the offsets of a zone from `Intl`, in milliseconds ahead of UTC, for whole seconds.
 *
 * Only the day of the month and the time of day are asked for: an offset is less than a day, so that
 * the day tells whether the zone is on the date of UTC, the one before or the one after. Years and eras
 * do not have to be read.
 *
 * @throws RangeError when `Intl` does not know the zone.
 */
export function readOffsets(timezone: string): {
  readonly offsetAt: (instant: number) => number;
  readonly canonicalName: string;
} {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const offsetAt = (instant: number): number => {
    const clamped = Math.max(-LAST_INSTANT, Math.min(LAST_INSTANT, instant));
    const [day, hour, minute, second] = format.format(clamped).match(/\d+/g) as [
      string,
      string,
      string,
      string,
    ];
    const timeOfDay = (Number(hour) * 3_600 + Number(minute) * 60 + Number(second)) * 1_000;
    const midnight = Math.floor(clamped / MS_PER_DAY) * MS_PER_DAY;
    const offset = timeOfDay - (clamped - midnight);
    const utcDay = new Date(clamped).getUTCDate();
    if (Number(day) === utcDay) return offset;
    return Number(day) === new Date(midnight + MS_PER_DAY).getUTCDate()
      ? offset + MS_PER_DAY
      : offset - MS_PER_DAY;
  };
  return { offsetAt, canonicalName: format.resolvedOptions().timeZone };
}
