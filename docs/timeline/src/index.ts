export { type DrawOptions, drawTimeline } from './draw-timeline.js';
export { dispositionInWords } from './in-words.js';
export { instantOf, timeOfDay } from './local-time.js';
export { type Occurrence, occurrencesOf } from './occurrences.js';
export type { Outage, Scenario } from './scenario.js';
export { simulate } from './simulate.js';
export type { Timeline, TimelineRun } from './timeline.js';
