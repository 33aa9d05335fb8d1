import { defineJob, nextOccurrences, Scheduler } from '@cloudiful-scheduler/core';
import { cron } from '@cloudiful-scheduler/schedule-cron';

const timezone = 'America/New_York';

// 9 March 2025 has no 02:30 in New York: the job runs at 03:00, once.
const nightly = cron('30 2 * * *', { timezone });
for (const occurrence of nextOccurrences(nightly, { count: 3, after: new Date('2025-03-08T00:00Z') })) {
  console.log('nightly', occurrence.toLocaleString('en-GB', { timeZone: timezone }));
}

const everyMinute = defineJob({
  id: 'every-minute',
  schedule: cron('* * * * *'),
  maxRuns: 1, // without it the job runs for ever
  task: ({ run }) => console.log('ran for', run.scheduledAt.toISOString()),
});

const report = await new Scheduler({ timezone }).run(everyMinute);
console.log('finished after', report.state.triggerCount, 'run:', report.history[0]?.status);
