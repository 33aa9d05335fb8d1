import { ContractError } from '../errors.js';
import type { Schedule, ScheduleContext } from '../schedule.js';
import { dueOccurrences, nextOccurrence, type ScheduleWithDue } from './checked-schedule.js';

/** How many occurrences a schedule without `due` is stepped through at a time, so that it never blocks. */
const STEPS_PER_SLICE = 1_000;

/** The occurrences that are due, counted from 1 for the oldest. */
export interface Backlog {
  /** How many are known to be due. */
  readonly count: number;
  /** The newest of them. */
  readonly newest: number;
  /** Whether there are no more than `count`. */
  readonly complete: boolean;
  /** The n-th of them. */
  nth(n: number): number;
  /** How many of them are before `instant`. */
  countBefore(instant: number): number;
}

/**
 * Finds what is due from the occurrence `oldest` through `now`, at most `limit` occurrences. With
 * `schedule.due` the cost does not grow with their number. Without it, at most `keep` occurrences and
 * one slice more are stepped through, and `complete` says whether those were all.
 */
export function findBacklog(
  schedule: Schedule,
  context: ScheduleContext,
  range: { readonly oldest: number; readonly now: number; readonly limit: number; readonly keep: number },
): Backlog {
  const { oldest, now, limit, keep } = range;
  const following = limit > 1 ? nextOccurrence(schedule, oldest, context) : undefined;
  if (following === undefined || following > now) return new SteppedBacklog([oldest], true);
  if (schedule.due !== undefined) {
    return summarise(schedule as ScheduleWithDue, context, { oldest, following, now, limit });
  }

  const most = Math.min(limit, keep + STEPS_PER_SLICE);
  const times = [oldest];
  let next: number | undefined = following;
  while (next !== undefined && next <= now && times.length < most) {
    times.push(next);
    next = nextOccurrence(schedule, next, context);
  }
  return new SteppedBacklog(times, next === undefined || next > now || times.length === limit);
}

class SteppedBacklog implements Backlog {
  constructor(
    private readonly times: readonly number[],
    readonly complete: boolean,
  ) {}

  get count(): number {
    return this.times.length;
  }

  get newest(): number {
    return this.nth(this.count);
  }

  nth(n: number): number {
    return this.times[n - 1] as number;
  }

  countBefore(instant: number): number {
    const index = this.times.findIndex((time) => time >= instant);
    return index === -1 ? this.count : index;
  }
}

/** Counts from `following`, the occurrence after `oldest`: a stored `oldest` may be off the schedule. */
function summarise(
  schedule: ScheduleWithDue,
  context: ScheduleContext,
  range: {
    readonly oldest: number;
    readonly following: number;
    readonly now: number;
    readonly limit: number;
  },
): Backlog {
  const { oldest, following, now, limit } = range;
  const countThrough = (instant: number): { readonly count: number; readonly last: number } => {
    if (instant < following) return { count: 1, last: oldest };
    const { count, last } = dueOccurrences(schedule, following, instant, context);
    return { count: count + 1, last };
  };
  const all = countThrough(now);
  const nth = (n: number): number => {
    if (n === 1) return oldest;
    if (n === all.count) return all.last;
    // Interpolation search, halving the range on every other step so that uneven schedules converge too.
    let low = { at: oldest, count: 1 };
    let high = { at: now, count: all.count };
    for (let step = 0; high.at - low.at > 1; step += 1) {
      const share = step % 2 === 0 ? (n - low.count) / (high.count - low.count) : 0.5;
      const at = Math.min(high.at - 1, Math.max(low.at + 1, low.at + Math.floor((high.at - low.at) * share)));
      const { count, last } = countThrough(at);
      if (count === n) return last;
      if (count < n) low = { at, count };
      else high = { at, count };
    }
    throw new ContractError(
      `The schedule '${schedule.fingerprint}': due`,
      low.count,
      `${n} occurrences from ${oldest} through some instant before ${now}`,
    );
  };
  const count = Math.min(all.count, limit);
  return {
    count,
    newest: nth(count),
    complete: true,
    nth,
    countBefore: (instant) =>
      instant <= oldest ? 0 : Math.min(count, countThrough(Math.min(instant - 1, now)).count),
  };
}
