import { InvalidOptionError } from '../errors.js';
import { checkInstant, checkInteger, checkOptionNames } from '../options.js';
import type { DueSummary, Schedule } from '../schedule.js';

/** A length of time by its parts, which are added up. Each is a whole number, at least one is given. */
export interface DurationParts {
  /** Of 60 minutes each. */
  readonly hours?: number;
  /** Of 60 seconds each. */
  readonly minutes?: number;
  /** Of 1,000 milliseconds each. */
  readonly seconds?: number;
  /** Thousandths of a second. */
  readonly milliseconds?: number;
}

/** Options of {@link every}. */
export interface EveryOptions {
  /** An instant that occurrences are aligned to, so that instances agree on them. */
  readonly anchor?: Date | undefined;
}

const MS_PER_PART = { hours: 3_600_000, minutes: 60_000, seconds: 1_000, milliseconds: 1 } as const;
const LONGEST_MS = 100 * 366 * 86_400_000;
const LAST_INSTANT = 8_640_000_000_000_000;

/**
 * A schedule with a fixed rate. The first occurrence is one interval after the start, each further one
 * a whole interval after the one before it, however long runs take: there is no drift. With an `anchor`
 * all occurrences lie a whole number of intervals from it.
 *
 * @param interval - Milliseconds as a whole number from 1 to 100 years, or its parts.
 * @throws InvalidOptionError for an interval or an anchor that is not allowed.
 * @example
 * ```ts
 * every(5_000);
 * every({ minutes: 5 }, { anchor: new Date('2026-01-01T00:00:00Z') });
 * ```
 */
export function every(interval: number | DurationParts, options: EveryOptions = {}): Schedule {
  checkOptionNames('every.options', options, ['anchor']);
  const intervalMs = toMilliseconds(interval);
  const { anchor } = options;
  return new IntervalSchedule(
    intervalMs,
    anchor === undefined ? undefined : checkInstant('every.anchor', anchor),
  );
}

function toMilliseconds(interval: unknown): number {
  if (typeof interval === 'number') return checkInteger('every.interval', interval, 1, LONGEST_MS);
  if (typeof interval !== 'object' || interval === null) {
    throw new InvalidOptionError(
      'every.interval',
      interval,
      'milliseconds or { hours, minutes, seconds, milliseconds }',
    );
  }
  checkOptionNames('every.interval', interval, Object.keys(MS_PER_PART));
  let total = 0;
  for (const [part, ms] of Object.entries(MS_PER_PART)) {
    const value = (interval as Record<string, unknown>)[part];
    if (value !== undefined) total += checkInteger(`every.interval.${part}`, value, 0, LONGEST_MS) * ms;
  }
  if (total < 1 || total > LONGEST_MS) {
    throw new InvalidOptionError(
      'every.interval',
      interval,
      `1 to ${LONGEST_MS} milliseconds in all, not ${total}`,
    );
  }
  return total;
}

class IntervalSchedule implements Schedule {
  constructor(
    private readonly intervalMs: number,
    private readonly anchor: number | undefined,
  ) {
    Object.freeze(this);
  }

  get kind(): string {
    return 'interval';
  }

  get fingerprint(): string {
    const aligned = this.anchor === undefined ? '' : ` from ${new Date(this.anchor).toISOString()}`;
    return `interval ${this.intervalMs} ms${aligned}`;
  }

  first(now: number): number | undefined {
    return this.next(now);
  }

  next(after: number): number | undefined {
    const next =
      this.anchor === undefined
        ? after + this.intervalMs
        : this.anchor + (Math.floor((after - this.anchor) / this.intervalMs) + 1) * this.intervalMs;
    return next <= LAST_INSTANT ? next : undefined;
  }

  due(from: number, through: number): DueSummary {
    const first = this.anchor === undefined ? from : this.next(from - 1);
    if (first === undefined || first > through) return { count: 0, first: undefined, last: undefined };
    const steps = Math.floor((through - first) / this.intervalMs);
    return { count: steps + 1, first, last: first + steps * this.intervalMs };
  }
}
