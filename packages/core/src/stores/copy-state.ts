import type { JobState } from '../job-state.js';

const NO_RUNS: JobState['inFlight'] = Object.freeze([]);

/** A copy that shares nothing which a caller could change. */
export function copyState(state: JobState): JobState {
  const { lastRunAt, lastSuccessAt, nextRunAt, lastScheduledAt, inFlight } = state;
  return {
    jobId: state.jobId,
    triggerCount: state.triggerCount,
    lastRunAt: lastRunAt && new Date(lastRunAt),
    lastSuccessAt: lastSuccessAt && new Date(lastSuccessAt),
    nextRunAt: nextRunAt && new Date(nextRunAt),
    lastError: state.lastError,
    lastScheduledAt: lastScheduledAt && new Date(lastScheduledAt),
    paused: state.paused,
    inFlight:
      inFlight.length === 0
        ? NO_RUNS
        : inFlight.map((run) => ({ ...run, scheduledAt: new Date(run.scheduledAt) })),
    scheduleFingerprint: state.scheduleFingerprint,
  };
}
