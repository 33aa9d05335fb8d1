import type { InFlightRun, JobState } from '../job-state.js';

type Packed<T> = {
  readonly [Field in keyof T]: T[Field] extends Date | undefined ? number | undefined : T[Field];
};
type PackedRun = Packed<InFlightRun> & { readonly scheduledAt: number };

/** A state without `Date` objects, each of which takes a hundred bytes. Shares nothing that can be changed. */
export type PackedState = Packed<Omit<JobState, 'inFlight'>> & { readonly inFlight: readonly PackedRun[] };

const NO_RUNS: readonly never[] = Object.freeze([]);

/** Copies a state into its packed form. */
export function packState(state: JobState): PackedState {
  return {
    jobId: state.jobId,
    triggerCount: state.triggerCount,
    lastRunAt: state.lastRunAt?.getTime(),
    lastSuccessAt: state.lastSuccessAt?.getTime(),
    nextRunAt: state.nextRunAt?.getTime(),
    lastError: state.lastError,
    lastScheduledAt: state.lastScheduledAt?.getTime(),
    paused: state.paused,
    inFlight:
      state.inFlight.length === 0
        ? NO_RUNS
        : state.inFlight.map((run) => ({ ...run, scheduledAt: run.scheduledAt.getTime() })),
    scheduleFingerprint: state.scheduleFingerprint,
  };
}

/** Copies a state out of its packed form. */
export function unpackState(packed: PackedState): JobState {
  return {
    jobId: packed.jobId,
    triggerCount: packed.triggerCount,
    lastRunAt: toDate(packed.lastRunAt),
    lastSuccessAt: toDate(packed.lastSuccessAt),
    nextRunAt: toDate(packed.nextRunAt),
    lastError: packed.lastError,
    lastScheduledAt: toDate(packed.lastScheduledAt),
    paused: packed.paused,
    inFlight:
      packed.inFlight.length === 0
        ? NO_RUNS
        : packed.inFlight.map((run) => ({ ...run, scheduledAt: new Date(run.scheduledAt) })),
    scheduleFingerprint: packed.scheduleFingerprint,
  };
}

function toDate(instant: number | undefined): Date | undefined {
  return instant === undefined ? undefined : new Date(instant);
}
