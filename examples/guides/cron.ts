// #region start
import {
  defineJob,
  nextOccurrences,
  Scheduler,
} from '@cloudiful-scheduler/core';
import { cron } from '@cloudiful-scheduler/schedule-cron';

const schedule = cron('*/5 9-15 * * Mon-Fri', { timezone: 'Asia/Shanghai' });
const next = nextOccurrences(schedule, { count: 5, after: new Date() });

const scheduler = new Scheduler({ timezone: 'Europe/Berlin' });
const job = defineJob({
  id: 'report',
  schedule: cron('30 6 * * 1'),
  task: sendReport,
});
scheduler.start(job); // Mondays at 06:30 in Berlin
// #endregion

function sendReport(): void {
  console.log('sent on', new Date(Date.now()).toISOString());
}
console.log('next:', next.map((date) => date.toISOString()).join(' '));

// #region daylight_saving
const literal = cron('30 2 * * *', {
  daylightSaving: { gap: 'skip', overlap: 'both' },
});
// #endregion
console.log(literal.fingerprint);
