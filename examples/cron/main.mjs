/*
 * A cron job in real time. It shows when the job would run across a change to daylight saving, then runs
 * it at the next full minute and ends.
 */
import { defineJob, nextOccurrences, Scheduler } from '@cloudiful-scheduler/core';
import { cron } from '@cloudiful-scheduler/schedule-cron';

const nightly = cron('30 2 * * *', { timezone: 'America/New_York' });
const after = new Date('2025-03-08T00:00:00-05:00');
console.log('02:30 in New York, where 9 March 2025 has no 02:30:');
for (const occurrence of nextOccurrences(nightly, { count: 3, after })) {
  console.log(
    ' ',
    occurrence.toLocaleString('en-GB', { timeZone: 'America/New_York', timeZoneName: 'short' }),
  );
}

const everyMinute = defineJob({
  id: 'every-minute',
  schedule: cron('* * * * *'),
  maxRuns: 1,
  task: ({ run }) => console.log('ran for', run.scheduledAt.toISOString()),
});

const [next] = nextOccurrences(everyMinute.schedule);
console.log('waiting for', next?.toISOString());
const scheduler = new Scheduler({ timezone: 'UTC' });
const report = await scheduler.run(everyMinute);
console.log('finished after', report.state.triggerCount, 'run:', report.history[0]?.status);
