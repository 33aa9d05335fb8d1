export type { Clock } from './clock.js';
export { systemClock } from './clock.js';
export { decodeJobState, encodeJobState } from './codec/job-state-codec.js';
export { defineJob } from './define-job.js';
export { JobHandle, type PauseOptions, type ShutdownOptions } from './engine/job-handle.js';
export type { Random } from './engine/random.js';
export type { JobReport, JobSnapshot, RunRecord, TriggerResult } from './engine/report.js';
export { Scheduler, type SchedulerOptions } from './engine/scheduler.js';
export {
  ContractError,
  DuplicateJobError,
  GuardError,
  InvalidOptionError,
  isSchedulerError,
  JobStoppedError,
  LeaseLostError,
  SchedulerError,
  type SchedulerErrorCode,
  type SchedulerErrorKind,
  SchedulerStoppedError,
  StateDataError,
  StoreError,
  TimeoutError,
} from './errors.js';
export type * from './events.js';
export type * from './execution-guard.js';
export type * from './job.js';
export type * from './job-state.js';
export {
  InMemoryExecutionGuard,
  type InMemoryExecutionGuardOptions,
} from './guards/in-memory-execution-guard.js';
export { nextOccurrences, type NextOccurrencesOptions } from './next-occurrences.js';
export type * from './observer.js';
export type { TimeWindowRule } from './policy/time-window.js';
export {
  type GuardedContext,
  type GuardedResult,
  runGuarded,
  type RunGuardedOptions,
} from './run-guarded.js';
export type * from './schedule.js';
export { atTimes } from './schedules/at-times.js';
export { type DurationParts, every, type EveryOptions } from './schedules/every.js';
export type * from './state-store.js';
export { InMemoryStateStore, type InMemoryStateStoreOptions } from './stores/in-memory-state-store.js';
export { ResilientStateStore, type ResilientStateStoreOptions } from './stores/resilient-state-store.js';
