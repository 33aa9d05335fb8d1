import type { InFlightRun, JobState } from '../job-state.js';

type PackedRun = Omit<InFlightRun, 'scheduledAt'> & { readonly scheduledAt: number };

const NO_RUNS: readonly never[] = Object.freeze([]);

/**
 * A state without `Date` objects, each of which takes a hundred bytes, and changed in place, so that what is kept for
 * long leaves nothing to the garbage collector. Shares nothing that can be changed with the states it takes and gives.
 * An instant that is not known is `NaN`: a field that is always a number is written over without a new object.
 */
export class PackedState {
  readonly #jobId: string;
  #triggerCount = 0;
  #lastRunAt = Number.NaN;
  #lastSuccessAt = Number.NaN;
  #nextRunAt = Number.NaN;
  #lastError: string | undefined;
  #lastScheduledAt = Number.NaN;
  #paused = false;
  #inFlight: readonly PackedRun[] = NO_RUNS;
  #scheduleFingerprint: string | undefined;

  constructor(state: JobState) {
    this.#jobId = state.jobId;
    this.set(state);
  }

  /** Takes over another state of the same job. */
  set(state: JobState): void {
    const { triggerCount, lastError, paused, scheduleFingerprint } = state;
    const lastRunAt = state.lastRunAt?.getTime() ?? Number.NaN;
    const lastSuccessAt = state.lastSuccessAt?.getTime() ?? Number.NaN;
    const nextRunAt = state.nextRunAt?.getTime() ?? Number.NaN;
    const lastScheduledAt = state.lastScheduledAt?.getTime() ?? Number.NaN;
    const inFlight =
      state.inFlight.length === 0
        ? NO_RUNS
        : state.inFlight.map((run) => ({ ...run, scheduledAt: run.scheduledAt.getTime() }));
    // Nothing is written before all was read: a state that cannot be read leaves the one before as it was.
    this.#triggerCount = triggerCount;
    this.#lastRunAt = lastRunAt;
    this.#lastSuccessAt = lastSuccessAt;
    this.#nextRunAt = nextRunAt;
    this.#lastError = lastError;
    this.#lastScheduledAt = lastScheduledAt;
    this.#paused = paused;
    this.#inFlight = inFlight;
    this.#scheduleFingerprint = scheduleFingerprint;
  }

  get(): JobState {
    const lastRunAt = toDate(this.#lastRunAt);
    return {
      jobId: this.#jobId,
      triggerCount: this.#triggerCount,
      lastRunAt,
      lastSuccessAt: this.#lastSuccessAt === this.#lastRunAt ? lastRunAt : toDate(this.#lastSuccessAt),
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

function toDate(instant: number): Date | undefined {
  return Number.isNaN(instant) ? undefined : new Date(instant);
}
