export { type CronOptions, cron } from './cron.js';
export type { DaylightSaving, GapRule, OverlapRule } from './daylight-saving.js';
