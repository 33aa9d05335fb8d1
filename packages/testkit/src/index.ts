export { ManualClock } from './manual-clock.js';
export { RecordingObserver } from './recording-observer.js';
