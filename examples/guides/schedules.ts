import {
  atTimes,
  defineJob,
  every,
  nextOccurrences,
  Scheduler,
} from '@cloudiful-scheduler/core';
import { cron } from '@cloudiful-scheduler/schedule-cron';
import { ManualClock } from '@cloudiful-scheduler/testkit';

const schedules = [
  // #region every
  every(5_000), // milliseconds
  every({ minutes: 5 }),
  every({ hours: 1, minutes: 30 }),
  // #endregion

  // #region anchor
  every({ minutes: 15 }, { anchor: new Date('2026-01-01T00:00:00Z') }), // :00, :15, :30 and :45
  // #endregion

  // #region at_times
  atTimes([new Date('2026-12-24T08:00:00Z'), new Date('2026-12-01T08:00:00Z')]),
  // #endregion

  // #region cron
  cron('*/5 9-15 * * Mon-Fri'), // in the scheduler's time zone
  cron('30 2 * * *', { timezone: 'Europe/Berlin' }), // in its own
  // #endregion
];

const after = new Date('2026-03-02T09:07:00Z');
for (const schedule of schedules) {
  const dates = nextOccurrences(schedule, { count: 2, after });
  console.log(
    schedule.kind,
    ...dates.map((date) => date.toISOString().slice(0, 16)),
  );
}

// #region preview
const nightly = cron('30 2 * * *', { timezone: 'Europe/Berlin' });
for (const occurrence of nextOccurrences(nightly, {
  count: 3,
  after: new Date('2026-03-27T12:00:00Z'),
})) {
  console.log(
    occurrence.toLocaleString('en-GB', { timeZone: 'Europe/Berlin' }),
  );
}
// #endregion

const clock = new ManualClock('2026-03-02T09:00:00Z');
const scheduler = new Scheduler({ clock });
// #region max_runs
const job = defineJob({
  id: 'warm-up',
  schedule: every({ minutes: 1 }),
  maxRuns: 3, // then the job is finished, also after a restart
  task: ({ run }) => console.log('run', run.triggerCount),
});
const report = scheduler.run(job); // settles when the job is finished
// #endregion
await clock.advance(10 * 60_000);
console.log((await report).stopReason);
