import type { Job } from '../job.js';
import type { JobState } from '../job-state.js';
import type { Schedule, ScheduleContext } from '../schedule.js';
import { findBacklog } from './backlog.js';
import type { Situation } from './plan.js';

/** Instants without a gap that were given away one after another. */
export interface InstantRange {
  readonly from: number;
  readonly through: number;
  /** The one that was given away last. */
  readonly next: number;
}

/**
 * Finds an occurrence for a run that is asked for by hand: now, or the nearest instant before it that neither the
 * record nor an earlier run of the same burst has, and that the schedule will not come to.
 */
export function withFreeInstant(
  { schedule }: Job<never>,
  state: JobState,
  situation: Pick<Situation, 'now' | 'timezone'>,
  given: InstantRange | undefined,
): InstantRange {
  const { now } = situation;
  const known = new Set(state.inFlight.map((entry) => entry.scheduledAt.getTime()));
  if (state.lastScheduledAt !== undefined) known.add(state.lastScheduledAt.getTime());
  const oldest = state.nextRunAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const isToCome = (instant: number): boolean => isOccurrence(schedule, situation, oldest, instant);
  const isTaken = (instant: number): boolean => known.has(instant) || isToCome(instant);

  const continues = given !== undefined && now >= given.from && now <= given.through + 1;
  let next = continues && (now <= given.through || isTaken(now)) ? given.from - 1 : now;
  while (isTaken(next)) {
    // A schedule that comes to two instants in a row may come to each one from the oldest on.
    next = isToCome(next) && isToCome(next - 1) ? oldest - 1 : next - 1;
  }
  const from = continues ? Math.min(given.from, next) : next;
  return { from, through: Math.max(now, continues ? given.through : now), next };
}

/** Whether `instant` is one of the occurrences that begin with `oldest`, or may be one. */
function isOccurrence(
  schedule: Schedule,
  context: ScheduleContext,
  oldest: number,
  instant: number,
): boolean {
  if (instant <= oldest) return instant === oldest;
  const limit = Number.POSITIVE_INFINITY;
  const { newest, complete } = findBacklog(schedule, context, { oldest, now: instant, limit, keep: 1 });
  return newest === instant || !complete;
}
