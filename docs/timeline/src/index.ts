export { type DrawOptions, drawTimeline } from './draw-timeline.js';
export { dispositionInWords, instantInWords, summaryOf } from './in-words.js';
export { instantOf } from './local-time.js';
export { occurrencesOf } from './occurrences.js';
export type { Outage, Scenario } from './scenario.js';
export { simulate, TooManyOccurrencesError } from './simulate.js';
export type { Timeline } from './timeline.js';
