import type { JobState } from '../job-state.js';

/**
 * An occurrence for a run that is asked for by hand at `now`, which no other occurrence shares: the nearest free
 * instant from `now` on, or back from it, in steps of a millisecond.
 */
export function freeInstant(state: JobState, now: number, step: 1 | -1): number {
  const taken = new Set(state.inFlight.map((entry) => entry.scheduledAt.getTime()));
  if (state.nextRunAt !== undefined) taken.add(state.nextRunAt.getTime());
  if (state.lastScheduledAt !== undefined) taken.add(state.lastScheduledAt.getTime());
  let instant = now;
  while (taken.has(instant)) instant += step;
  return instant;
}
