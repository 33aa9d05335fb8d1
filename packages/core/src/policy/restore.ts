import type { Job } from '../job.js';
import type { JobState } from '../job-state.js';
import type { Schedule, ScheduleContext } from '../schedule.js';
import { firstOccurrence, nextOccurrence } from './checked-schedule.js';
import { contextOf } from './job-timezone.js';
import { remainingRuns } from './plan.js';
import { withChanges } from './with-changes.js';

const NO_RUNS: JobState['inFlight'] = Object.freeze([]);

/** The state that a job goes on from. */
export interface Restored {
  readonly state: JobState;
  /** `repaired`: no next run was stored though the job is not terminal. */
  readonly source: 'new' | 'restored' | 'repaired';
  /** Whether the schedule was edited since the state was stored. */
  readonly scheduleChanged: boolean;
}

/** Works out from what was stored where a job starts that begins at `now`. */
export function restore(
  job: Job<never>,
  stored: JobState | undefined,
  now: number,
  schedulerContext: ScheduleContext,
): Restored {
  const context = contextOf(job, schedulerContext);
  const scheduleFingerprint = storedFingerprint(job.schedule, context);
  if (stored === undefined) {
    const state = { jobId: job.id, triggerCount: 0, paused: false, inFlight: NO_RUNS, scheduleFingerprint };
    return { state: withNextRun(job, state, firstRun), source: 'new', scheduleChanged: false };
  }
  const state = normalise(job, stored, scheduleFingerprint);
  if (stored.scheduleFingerprint !== undefined && stored.scheduleFingerprint !== scheduleFingerprint) {
    const edited = withNextRun(job, state, job.schedule.kind === 'at_times' ? afterLastConsumed : firstRun);
    return { state: edited, source: 'restored', scheduleChanged: true };
  }
  if (state.nextRunAt === undefined) {
    const repaired = withNextRun(job, state, afterLastConsumed);
    if (repaired.nextRunAt !== undefined)
      return { state: repaired, source: 'repaired', scheduleChanged: false };
  }
  return { state, source: 'restored', scheduleChanged: false };

  function firstRun(): number | undefined {
    return firstOccurrence(job.schedule, now, context);
  }

  function afterLastConsumed(): number | undefined {
    if (state.lastScheduledAt !== undefined)
      return nextOccurrence(job.schedule, state.lastScheduledAt.getTime(), context);
    // A record of the Rust crate names no last occurrence: planned times that were counted are used up.
    return job.schedule.kind === 'at_times' && state.triggerCount > 0 ? undefined : firstRun();
  }
}

/** The fingerprint that is kept with the state; it names a time zone that the schedule follows, unless that is UTC. */
function storedFingerprint(
  { fingerprint, followsTimezone = false }: Schedule,
  context: ScheduleContext,
): string {
  const { timezone } = context;
  return followsTimezone && timezone !== 'UTC' ? `${fingerprint} in ${timezone}` : fingerprint;
}

function withNextRun(job: Job<never>, state: JobState, next: () => number | undefined): JobState {
  const instant = remainingRuns(job, state) === 0 ? undefined : next();
  return withChanges(state, { nextRunAt: instant === undefined ? undefined : new Date(instant) });
}

/** Stores of users may leave out what is empty, and a limit may have been lowered since. */
function normalise(job: Job<never>, stored: JobState, scheduleFingerprint: string): JobState {
  const { jobId, triggerCount, lastError, paused, inFlight } = stored;
  const hasRunsLeft = job.maxRuns === undefined || (triggerCount ?? 0) < job.maxRuns;
  return {
    jobId,
    triggerCount: triggerCount ?? 0,
    lastRunAt: stored.lastRunAt ?? undefined,
    lastSuccessAt: stored.lastSuccessAt ?? undefined,
    nextRunAt: hasRunsLeft ? (stored.nextRunAt ?? undefined) : undefined,
    lastError: lastError ?? undefined,
    lastScheduledAt: stored.lastScheduledAt ?? undefined,
    paused: paused ?? false,
    inFlight: inFlight ?? NO_RUNS,
    scheduleFingerprint,
  };
}

/**
 * Whether `stored` is an older state than `known`, which was read from or written to the same store: the
 * server has lost writes.
 */
export function isBehind(stored: JobState, known: JobState): boolean {
  return (
    (stored.triggerCount ?? 0) < known.triggerCount ||
    (stored.lastScheduledAt?.getTime() ?? Number.NEGATIVE_INFINITY) <
      (known.lastScheduledAt?.getTime() ?? Number.NEGATIVE_INFINITY)
  );
}
