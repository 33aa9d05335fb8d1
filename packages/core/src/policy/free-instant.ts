import type { JobState } from '../job-state.js';

/** Instants without a gap that were given away one after another. */
export interface InstantRange {
  readonly from: number;
  readonly through: number;
  /** The one that was given away last. */
  readonly next: number;
}

/**
 * Finds an occurrence for a run that is asked for by hand: now, or the nearest instant before it that neither the
 * record nor an earlier run of the same burst has.
 */
export function withFreeInstant(given: InstantRange | undefined, state: JobState, now: number): InstantRange {
  const continues = given !== undefined && now >= given.from && now <= given.through + 1;
  const isNew = !continues || now > given.through;
  let next = isNew ? now : given.from - 1;
  const taken = new Set(state.inFlight.map((entry) => entry.scheduledAt.getTime()));
  if (state.nextRunAt !== undefined) taken.add(state.nextRunAt.getTime());
  if (state.lastScheduledAt !== undefined) taken.add(state.lastScheduledAt.getTime());
  if (isNew && continues && taken.has(next)) next = given.from - 1;
  while (taken.has(next)) next -= 1;
  const from = continues ? Math.min(given.from, next) : next;
  return { from, through: Math.max(now, continues ? given.through : now), next };
}
