import { systemClock } from './clock.js';
import { checkInstant, checkInteger, checkMethods, checkOptionNames, checkTimezone } from './options.js';
import { firstOccurrence, nextOccurrence } from './policy/checked-schedule.js';
import type { Schedule } from './schedule.js';

/** Options of {@link nextOccurrences}. */
export interface NextOccurrencesOptions {
  /** How many to list, 0 to 100,000. Default 1. */
  readonly count?: number | undefined;
  /** The instant that they come strictly after. Default now. */
  readonly after?: Date | undefined;
  /** IANA name of the time zone for schedules without one of their own. Default `UTC`. */
  readonly timezone?: string | undefined;
}

/**
 * Lists coming occurrences of a schedule as a job would see them that starts at `after`; fewer than
 * `count` when the schedule ends before.
 *
 * @throws InvalidOptionError for an option that is not allowed; ContractError when the schedule breaks its contract.
 * @example
 * ```ts
 * nextOccurrences(every({ hours: 6 }), { count: 4, after: new Date('2026-01-01T00:00:00Z') });
 * ```
 */
export function nextOccurrences(schedule: Schedule, options: NextOccurrencesOptions = {}): Date[] {
  checkMethods('schedule', schedule, ['first', 'next']);
  checkOptionNames('nextOccurrences.options', options, ['count', 'after', 'timezone']);
  const { count = 1, timezone = 'UTC' } = options;
  checkInteger('nextOccurrences.count', count, 0, 100_000);
  const after =
    options.after === undefined ? systemClock.now() : checkInstant('nextOccurrences.after', options.after);
  const context = { timezone: checkTimezone('nextOccurrences.timezone', timezone) };

  const occurrences: Date[] = [];
  let occurrence = firstOccurrence(schedule, after, context);
  if (occurrence !== undefined && occurrence <= after) occurrence = nextOccurrence(schedule, after, context);
  while (occurrence !== undefined && occurrences.length < count) {
    occurrences.push(new Date(occurrence));
    occurrence = nextOccurrence(schedule, occurrence, context);
  }
  return occurrences;
}
