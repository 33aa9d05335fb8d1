import type { RunStatus } from '../events.js';
import type { Job } from '../job.js';
import type { InFlightRun, JobState } from '../job-state.js';
import type { ScheduleContext } from '../schedule.js';
import { nextOccurrence } from './checked-schedule.js';
import { contextOf } from './job-timezone.js';
import type { Stretch } from './plan.js';
import { withChanges } from './with-changes.js';

/** What a run that ended leaves in the state. */
export interface RunResult {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly status: RunStatus;
  /** Message of the error; `undefined` for a success. */
  readonly error: string | undefined;
}

/** Consumes a stretch of occurrences: advances the state past them. */
export function consume(
  job: Job<never>,
  state: JobState,
  stretch: Stretch,
  context: ScheduleContext,
): JobState {
  const triggerCount = state.triggerCount + stretch.count;
  const isLast = job.maxRuns !== undefined && triggerCount >= job.maxRuns;
  const next = isLast ? undefined : nextOccurrence(job.schedule, stretch.last, contextOf(job, context));
  return withChanges(state, {
    triggerCount,
    lastScheduledAt: new Date(stretch.last),
    nextRunAt: next === undefined ? undefined : new Date(next),
  });
}

/** Enters a run under the id of the engine that claims it. */
export function claim(state: JobState, run: InFlightRun): JobState {
  return withChanges(state, { inFlight: [...state.inFlight, run] });
}

/** Puts an entry in the place of `run`. */
export function replaceEntry(state: JobState, run: InFlightRun, by: InFlightRun): JobState {
  return withChanges(state, {
    inFlight: state.inFlight.map((entry) => (isSameEntry(entry, run) ? by : entry)),
  });
}

/** An entry for its next owner: the next attempt, unless the last owner handed it back before it began. */
export function takenOver({ handedBack = false, ...run }: InFlightRun, owner: string): InFlightRun {
  return { ...run, owner, attempt: handedBack ? run.attempt : run.attempt + 1 };
}

/** Takes a run out of the state, with its result if it has one. */
export function commit(state: JobState, run: InFlightRun, result: RunResult | undefined): JobState {
  const inFlight = state.inFlight.filter((entry) => !isSameEntry(entry, run));
  if (result === undefined) return withChanges(state, { inFlight });
  return withChanges(state, {
    inFlight,
    lastRunAt: latest(state.lastRunAt, result.startedAt),
    lastSuccessAt:
      result.status === 'success' ? latest(state.lastSuccessAt, result.finishedAt) : state.lastSuccessAt,
    lastError: result.error,
  });
}

/** The entry in `state` that is still the one of `run`: same occurrence, owner and attempt. */
export function findEntry(state: JobState, run: InFlightRun): InFlightRun | undefined {
  return state.inFlight.find((entry) => isSameEntry(entry, run));
}

/** Whether two entries are of the same occurrence, owner and attempt. */
export function isSameEntry(a: InFlightRun, b: InFlightRun): boolean {
  return (
    a.owner === b.owner && a.attempt === b.attempt && a.scheduledAt.getTime() === b.scheduledAt.getTime()
  );
}

function latest(known: Date | undefined, instant: number): Date {
  return known !== undefined && known.getTime() > instant ? known : new Date(instant);
}
