import { ContractError } from '../errors.js';
import type { DueSummary, Schedule, ScheduleContext } from '../schedule.js';

/** The last instant that a `Date` can hold, in epoch milliseconds. */
const LAST_INSTANT = 8.64e15;

/**
 * Calls of a schedule whose answers are checked: one occurrence that is not after the one before would keep
 * a process busy for ever.
 */
export function firstOccurrence(
  schedule: Schedule,
  now: number,
  context: ScheduleContext,
): number | undefined {
  const first = schedule.first(now, context);
  if (first === undefined || isInstant(first)) return first;
  throw broken(schedule, 'first', first, 'whole epoch milliseconds or undefined');
}

/** The occurrence after `after`; see {@link firstOccurrence}. */
export function nextOccurrence(
  schedule: Schedule,
  after: number,
  context: ScheduleContext,
): number | undefined {
  const next = schedule.next(after, context);
  if (next === undefined || (isInstant(next) && next > after)) return next;
  throw broken(schedule, 'next', next, `whole epoch milliseconds after ${after}, or undefined`);
}

/** A schedule that has the fast path. */
export type ScheduleWithDue = Schedule & Required<Pick<Schedule, 'due'>>;

/** The occurrences from the occurrence `from` through `through`; see {@link firstOccurrence}. */
export function dueOccurrences(
  schedule: ScheduleWithDue,
  from: number,
  through: number,
  context: ScheduleContext,
): DueSummary & { readonly last: number } {
  const { count, last } = schedule.due(from, through, context);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw broken(schedule, 'due', count, 'a count of at least 1, since it is asked from an occurrence');
  }
  if (!isInstant(last) || last < from || last > through || (count === 1) !== (last === from)) {
    throw broken(schedule, 'due', last, `the last of ${count} occurrences from ${from} through ${through}`);
  }
  return { count, first: from, last };
}

function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) <= LAST_INSTANT;
}

function broken(schedule: Schedule, call: string, received: unknown, expected: string): ContractError {
  return new ContractError(`The schedule '${schedule.fingerprint}': ${call}`, received, expected);
}
