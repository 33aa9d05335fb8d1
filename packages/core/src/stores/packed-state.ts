import type { InFlightRun, JobState } from '../job-state.js';

type PackedRun = Omit<InFlightRun, 'scheduledAt'> & { readonly scheduledAt: number };

const NO_RUNS: readonly never[] = Object.freeze([]);

/**
 * A state without `Date` objects, each of which takes a hundred bytes, and changed in place, so that what is kept for
 * long leaves nothing to the garbage collector. Shares nothing that can be changed with the states it takes and gives.
 */
export class PackedState {
  readonly #jobId: string;
  #triggerCount = 0;
  #lastRunAt: number | undefined;
  #lastSuccessAt: number | undefined;
  #nextRunAt: number | undefined;
  #lastError: string | undefined;
  #lastScheduledAt: number | undefined;
  #paused = false;
  #inFlight: readonly PackedRun[] = NO_RUNS;
  #scheduleFingerprint: string | undefined;

  constructor(state: JobState) {
    this.#jobId = state.jobId;
    this.set(state);
  }

  /** Takes over another state of the same job. */
  set(state: JobState): void {
    this.#triggerCount = state.triggerCount;
    this.#lastRunAt = state.lastRunAt?.getTime();
    this.#lastSuccessAt = state.lastSuccessAt?.getTime();
    this.#nextRunAt = state.nextRunAt?.getTime();
    this.#lastError = state.lastError;
    this.#lastScheduledAt = state.lastScheduledAt?.getTime();
    this.#paused = state.paused;
    this.#inFlight =
      state.inFlight.length === 0
        ? NO_RUNS
        : state.inFlight.map((run) => ({ ...run, scheduledAt: run.scheduledAt.getTime() }));
    this.#scheduleFingerprint = state.scheduleFingerprint;
  }

  get(): JobState {
    return {
      jobId: this.#jobId,
      triggerCount: this.#triggerCount,
      lastRunAt: toDate(this.#lastRunAt),
      lastSuccessAt: toDate(this.#lastSuccessAt),
      nextRunAt: toDate(this.#nextRunAt),
      lastError: this.#lastError,
      lastScheduledAt: toDate(this.#lastScheduledAt),
      paused: this.#paused,
      inFlight:
        this.#inFlight.length === 0
          ? NO_RUNS
          : this.#inFlight.map((run) => ({ ...run, scheduledAt: new Date(run.scheduledAt) })),
      scheduleFingerprint: this.#scheduleFingerprint,
    };
  }
}

function toDate(instant: number | undefined): Date | undefined {
  return instant === undefined ? undefined : new Date(instant);
}
