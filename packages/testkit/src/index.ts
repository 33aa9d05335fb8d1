export { type ConformanceCase, ConformanceError } from './conformance/conformance-case.js';
export {
  executionGuardConformance,
  type ExecutionGuardConformanceOptions,
} from './conformance/execution-guard.js';
export { scheduleConformance, type ScheduleConformanceOptions } from './conformance/schedule.js';
export { stateStoreConformance, type StateStoreConformanceOptions } from './conformance/state-store.js';
export { ManualClock } from './manual-clock.js';
export { RecordingObserver } from './recording-observer.js';
