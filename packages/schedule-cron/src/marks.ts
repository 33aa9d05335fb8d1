import { countBits, highestBit, lowestBit } from './bits.js';
import { civilFromDays, daysFromCivil, daysInMonth, weekdayOf } from './calendar.js';
import type { CronFields } from './cron-fields.js';

/*
 * A mark is a minute of local time that an expression names. Local time is counted here like an epoch:
 * milliseconds from 1970-01-01T00:00 on the wall. Time zones do not exist in this file.
 */

const MS_PER_MINUTE = 60_000;
const MINUTES_PER_DAY = 1_440;
/** A leap day is at most eight years from the one before it (1896 to 1904). */
const YEARS_TO_SEARCH = 9;

/** The first mark at or after `local`; `Infinity` when there is none. */
export function nextMark(fields: CronFields, local: number): number {
  const minute = Math.ceil(local / MS_PER_MINUTE);
  const today = Math.floor(minute / MINUTES_PER_DAY);
  let day = nextDay(fields, today);
  if (day === today) {
    const time = nextTime(fields, minute - today * MINUTES_PER_DAY);
    if (time !== -1) return (day * MINUTES_PER_DAY + time) * MS_PER_MINUTE;
    day = nextDay(fields, today + 1);
  }
  return (day * MINUTES_PER_DAY + nextTime(fields, 0)) * MS_PER_MINUTE;
}

/** The last mark before `local`; `-Infinity` when there is none. */
export function previousMark(fields: CronFields, local: number): number {
  const minute = Math.ceil(local / MS_PER_MINUTE) - 1;
  const today = Math.floor(minute / MINUTES_PER_DAY);
  let day = previousDay(fields, today);
  if (day === today) {
    const time = previousTime(fields, minute - today * MINUTES_PER_DAY);
    if (time !== -1) return (day * MINUTES_PER_DAY + time) * MS_PER_MINUTE;
    day = previousDay(fields, today - 1);
  }
  return (day * MINUTES_PER_DAY + previousTime(fields, MINUTES_PER_DAY - 1)) * MS_PER_MINUTE;
}

/** Whether `local` is a mark. */
export function isMark(fields: CronFields, local: number): boolean {
  return nextMark(fields, local) === local;
}

/** How many marks lie in `[from, until)`, by counting days and hours. */
export function countMarks(fields: CronFields, from: number, until: number): number {
  if (from >= until) return 0;
  const firstMinute = Math.ceil(from / MS_PER_MINUTE);
  const endMinute = Math.ceil(until / MS_PER_MINUTE);
  const firstDay = Math.floor(firstMinute / MINUTES_PER_DAY);
  const endDay = Math.floor(endMinute / MINUTES_PER_DAY);
  const perDay = countBits(fields.hours) * countMinutes(fields, 60);
  return (
    countDays(fields, firstDay, endDay) * perDay +
    (nextDay(fields, endDay) === endDay ? countTimes(fields, endMinute - endDay * MINUTES_PER_DAY) : 0) -
    (nextDay(fields, firstDay) === firstDay
      ? countTimes(fields, firstMinute - firstDay * MINUTES_PER_DAY)
      : 0)
  );
}

/** The days of one month that the fields name, bit 0 for the first. */
function daysOf(fields: CronFields, year: number, month: number): number {
  const inMonth = 0x7fffffff >>> (31 - daysInMonth(year, month));
  if (fields.anyDayOfWeek) return fields.daysOfMonth & inMonth;
  const first = weekdayOf(daysFromCivil(year, month, 1));
  const week = ((fields.daysOfWeek >>> first) | (fields.daysOfWeek << (7 - first))) & 0x7f;
  const byWeekday = week | (week << 7) | (week << 14) | (week << 21) | (week << 28);
  return (fields.anyDayOfMonth ? byWeekday : byWeekday | fields.daysOfMonth) & inMonth;
}

function nextDay(fields: CronFields, from: number): number {
  const date = civilFromDays(from);
  let { year, month } = date;
  let skipped = date.day - 1;
  const lastYear = year + YEARS_TO_SEARCH;
  while (year <= lastYear) {
    if ((fields.months >>> (month - 1)) & 1) {
      const days = (daysOf(fields, year, month) >>> skipped) << skipped;
      if (days !== 0) return daysFromCivil(year, month, 1) + lowestBit(days);
    }
    skipped = 0;
    month += 1;
    if (month > 12) {
      month = 1;
      year += 1;
    }
  }
  return Number.POSITIVE_INFINITY;
}

function previousDay(fields: CronFields, from: number): number {
  const date = civilFromDays(from);
  let { year, month } = date;
  let kept = 0x7fffffff >>> (31 - date.day);
  const firstYear = year - YEARS_TO_SEARCH;
  while (year >= firstYear) {
    if ((fields.months >>> (month - 1)) & 1) {
      const days = daysOf(fields, year, month) & kept;
      if (days !== 0) return daysFromCivil(year, month, 1) + highestBit(days);
    }
    kept = 0x7fffffff;
    month -= 1;
    if (month < 1) {
      month = 12;
      year -= 1;
    }
  }
  return Number.NEGATIVE_INFINITY;
}

/** How many matching days lie in `[from, until)`, a month at a time. */
function countDays(fields: CronFields, from: number, until: number): number {
  let count = 0;
  let { year, month } = civilFromDays(from);
  let firstOfMonth = daysFromCivil(year, month, 1);
  while (firstOfMonth < until) {
    const length = daysInMonth(year, month);
    if ((fields.months >>> (month - 1)) & 1) {
      const skipped = Math.max(0, from - firstOfMonth);
      const kept = 0x7fffffff >>> Math.max(0, 31 - (until - firstOfMonth));
      count += countBits(((daysOf(fields, year, month) & kept) >>> skipped) << skipped);
    }
    firstOfMonth += length;
    month += 1;
    if (month > 12) {
      month = 1;
      year += 1;
    }
  }
  return count;
}

/** The first minute of the day at or after `time` that the fields name; -1 when there is none. */
function nextTime(fields: CronFields, time: number): number {
  const hour = Math.floor(time / 60);
  if ((fields.hours >>> hour) & 1) {
    const minute = nextMinute(fields, time - hour * 60);
    if (minute !== -1) return hour * 60 + minute;
  }
  const later = (fields.hours >>> (hour + 1)) << (hour + 1);
  return later === 0 ? -1 : lowestBit(later) * 60 + nextMinute(fields, 0);
}

function nextMinute(fields: CronFields, minute: number): number {
  if (minute < 30) {
    const low = (fields.minutesLow >>> minute) << minute;
    if (low !== 0) return lowestBit(low);
    return fields.minutesHigh === 0 ? -1 : 30 + lowestBit(fields.minutesHigh);
  }
  const high = (fields.minutesHigh >>> (minute - 30)) << (minute - 30);
  return high === 0 ? -1 : 30 + lowestBit(high);
}

/** The last minute of the day at or before `time` that the fields name; -1 when there is none. */
function previousTime(fields: CronFields, time: number): number {
  const hour = Math.floor(time / 60);
  if ((fields.hours >>> hour) & 1) {
    const minute = previousMinute(fields, time - hour * 60);
    if (minute !== -1) return hour * 60 + minute;
  }
  const earlier = fields.hours & ((1 << hour) - 1);
  return earlier === 0 ? -1 : highestBit(earlier) * 60 + previousMinute(fields, 59);
}

function previousMinute(fields: CronFields, minute: number): number {
  if (minute >= 30) {
    const high = fields.minutesHigh & ((2 << (minute - 30)) - 1);
    if (high !== 0) return 30 + highestBit(high);
    return fields.minutesLow === 0 ? -1 : highestBit(fields.minutesLow);
  }
  const low = fields.minutesLow & ((2 << minute) - 1);
  return low === 0 ? -1 : highestBit(low);
}

/** How many times of day before the minute of the day `time` the fields name. */
function countTimes(fields: CronFields, time: number): number {
  const hour = Math.floor(time / 60);
  const wholeHours = countBits(fields.hours & ((1 << hour) - 1)) * countMinutes(fields, 60);
  return wholeHours + ((fields.hours >>> hour) & 1 ? countMinutes(fields, time - hour * 60) : 0);
}

/** How many minutes below `limit` the fields name. */
function countMinutes(fields: CronFields, limit: number): number {
  if (limit <= 30) return countBits(fields.minutesLow & ((1 << limit) - 1));
  return countBits(fields.minutesLow) + countBits(fields.minutesHigh & ((1 << (limit - 30)) - 1));
}
