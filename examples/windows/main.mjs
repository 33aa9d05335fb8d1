// A week of a job with time windows, in a moment: the clock is a ManualClock, which a program moves.
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';

const timezone = 'Asia/Shanghai';
const clock = new ManualClock('2026-03-01T23:30:00+08:00'); // half an hour before a Monday
const week = []; // one entry per occurrence

const job = defineJob({
  id: 'refresh-prices',
  schedule: every({ hours: 1 }, { anchor: new Date(0) }),
  timeWindow: {
    timezone,
    weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
    segments: [
      { start: '09:00', end: '12:00' }, // at 09, 10 and 11: the end is exclusive
      { start: '22:00', end: '02:00' }, // over midnight: the night after Friday is Friday's
    ],
  },
  task: ({ run }) => {
    week.push({ at: run.scheduledAt, outcome: 'run' });
  },
});

const scheduler = new Scheduler({
  clock,
  observers: [
    {
      onEvent(event) {
        if (event.type === 'run_skipped') week.push({ at: event.scheduledAt, outcome: event.reason });
      },
    },
  ],
});

const handle = scheduler.start(job);
await clock.advance(7 * 24 * 3_600_000);
await scheduler.shutdown();

console.log(`one column per hour in ${timezone}; # ran, . skipped`);
const localDay = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, weekday: 'short', day: '2-digit' });
const localHour = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', hourCycle: 'h23' });
const rows = new Map();
for (const { at, outcome } of week) {
  const row = rows.get(localDay.format(at)) ?? Array(24).fill(' ');
  row[Number(localHour.format(at))] = outcome === 'run' ? '#' : '.';
  rows.set(localDay.format(at), row);
}
for (const [day, row] of rows) console.log(`${day}  ${row.join('')}`);

const outcomes = new Map();
for (const { outcome } of week) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
for (const [outcome, count] of outcomes) console.log(`${outcome}: ${count}`);

const { state, lastSkipReason } = await handle.finished;
console.log(`occurrences consumed: ${state.triggerCount}, last skip: ${lastSkipReason}`);
