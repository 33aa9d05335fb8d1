import { InvalidOptionError } from '../errors.js';
import type { TimeWindow, Weekday } from '../job.js';
import { checkOptionNames, checkTimezone } from '../options.js';

const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const SECONDS_PER_DAY = 86_400;
const TIME_OF_DAY = /^(\d\d):(\d\d)(?::(\d\d))?$/;

/** A time window that was checked and is ready to be asked. */
export interface TimeWindowRule {
  /** Whether `instant` (epoch milliseconds) lies inside; `timezone` serves when the window names none. */
  contains(instant: number, timezone: string): boolean;
}

interface Segment {
  readonly start: number;
  readonly end: number;
}

/**
 * Checks a {@link TimeWindow}; throws InvalidOptionError for whatever is not allowed in it. A rule, such as a job
 * has that was defined before, is taken as it is.
 */
export function compileTimeWindow(window: TimeWindow | TimeWindowRule): TimeWindowRule {
  if (isRule(window)) return window;
  checkOptionNames('timeWindow', window, ['timezone', 'weekdays', 'segments']);
  const ownTimezone =
    window.timezone === undefined ? undefined : checkTimezone('timeWindow.timezone', window.timezone);
  const weekdays = compileWeekdays(window.weekdays);
  const segments = compileSegments(window.segments);
  return {
    contains(instant, timezone) {
      const { weekday, second } = localTime(instant, ownTimezone ?? timezone);
      const today = weekdays[weekday] === true;
      const yesterday = weekdays[(weekday + 6) % 7] === true;
      return segments.some(({ start, end }) =>
        start < end
          ? today && second >= start && second < end
          : (today && second >= start) || (yesterday && second < end),
      );
    },
  };
}

function isRule(window: TimeWindow | TimeWindowRule): window is TimeWindowRule {
  return typeof (window as Partial<TimeWindowRule> | null)?.contains === 'function';
}

function compileWeekdays(weekdays: unknown): readonly boolean[] {
  if (weekdays === undefined) return WEEKDAYS.map(() => true);
  if (!Array.isArray(weekdays) || weekdays.length === 0) {
    throw new InvalidOptionError('timeWindow.weekdays', weekdays, 'an array of at least one weekday');
  }
  for (const [index, weekday] of weekdays.entries()) {
    if (!WEEKDAYS.includes(weekday)) {
      throw new InvalidOptionError(`timeWindow.weekdays[${index}]`, weekday, `one of ${WEEKDAYS.join(', ')}`);
    }
  }
  return WEEKDAYS.map((weekday) => weekdays.includes(weekday));
}

function compileSegments(segments: unknown): readonly Segment[] {
  if (segments === undefined) return [{ start: 0, end: SECONDS_PER_DAY }];
  if (!Array.isArray(segments) || segments.length === 0) {
    throw new InvalidOptionError('timeWindow.segments', segments, 'an array of at least one { start, end }');
  }
  return segments.map((segment: unknown, index) => {
    const path = `timeWindow.segments[${index}]`;
    checkOptionNames(path, segment, ['start', 'end']);
    const { start, end } = segment as { start?: unknown; end?: unknown };
    const compiled = {
      start: secondOfDay(`${path}.start`, start, SECONDS_PER_DAY - 1, "a time from '00:00' to '23:59:59'"),
      end: secondOfDay(`${path}.end`, end, SECONDS_PER_DAY, "a time from '00:00' to '24:00'"),
    };
    if (compiled.start === compiled.end) {
      throw new InvalidOptionError(path, `${String(start)}-${String(end)}`, 'a start and an end that differ');
    }
    return compiled;
  });
}

function secondOfDay(path: string, value: unknown, latest: number, allowed: string): number {
  const match = typeof value === 'string' ? TIME_OF_DAY.exec(value) : null;
  if (match === null) throw new InvalidOptionError(path, value, allowed);
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] as const;
  const total = hour * 3_600 + minute * 60 + second;
  if (minute > 59 || second > 59 || total > latest) throw new InvalidOptionError(path, value, allowed);
  return total;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(instant: number, timezone: string): { readonly weekday: number; readonly second: number } {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timezone, format);
  }
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(instant)) part[type] = value;
  return {
    weekday: WEEKDAYS.indexOf(String(part['weekday']).toLowerCase() as Weekday),
    second: Number(part['hour']) * 3_600 + Number(part['minute']) * 60 + Number(part['second']),
  };
}
