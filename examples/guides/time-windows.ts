import type { SchedulerEvent } from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';

// #region job
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';

const job = defineJob({
  id: 'refresh-prices',
  schedule: every(
    { minutes: 30 },
    { anchor: new Date('2026-01-01T00:00:00Z') },
  ),
  timeWindow: {
    timezone: 'Asia/Shanghai',
    weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
    segments: [
      { start: '09:30', end: '11:30' },
      { start: '21:00', end: '02:30' }, // crosses midnight: Friday's ends on Saturday
    ],
  },
  task: ({ run }) => console.log('runs', local(run.scheduledAt)),
});
// #endregion

const clock = new ManualClock('2026-03-06T00:45:00Z');
const scheduler = new Scheduler({ clock, observers: [{ onEvent }] });
const handle = scheduler.start(job);
await clock.advance(26 * 3_600_000);
await scheduler.shutdown();
console.log('last skip:', (await handle.finished).lastSkipReason);

function onEvent(event: SchedulerEvent): void {
  if (event.type === 'run_skipped')
    console.log('skips', local(event.scheduledAt), event.reason);
}

function local(instant: Date): string {
  const format = {
    timeZone: 'Asia/Shanghai',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  } as const;
  return instant.toLocaleString('en-GB', format).replace(',', '');
}
