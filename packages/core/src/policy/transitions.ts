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
    // Most often it is the one that was next. What is kept for long had better not be made anew each time.
    lastScheduledAt: dateOf(stretch.last, state.nextRunAt),
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
  const { startedAt, finishedAt, status, error } = result;
  const lastRunAt = latest(state.lastRunAt, startedAt);
  return withChanges(state, {
    inFlight,
    lastRunAt,
    lastSuccessAt:
      status === 'success' ? latest(state.lastSuccessAt, finishedAt, lastRunAt) : state.lastSuccessAt,
    lastError: error,
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

function latest(known: Date | undefined, instant: number, like?: Date): Date {
  return known !== undefined && known.getTime() > instant ? known : dateOf(instant, like);
}

/** The date of `instant`: `like`, if that is the same. */
function dateOf(instant: number, like: Date | undefined): Date {
  return like?.getTime() === instant ? like : new Date(instant);
}
