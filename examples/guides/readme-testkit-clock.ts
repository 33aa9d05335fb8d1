import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ManualClock, RecordingObserver } from '@cloudiful-scheduler/testkit';

const clock = new ManualClock('2026-01-01T00:00:00Z');
const observer = new RecordingObserver();
const scheduler = new Scheduler({ clock, observers: [observer] });
const handle = scheduler.start(
  defineJob({ id: 'refresh', schedule: every({ minutes: 5 }), maxRuns: 2, task: () => {} }),
);
await clock.advance(10 * 60_000); // jump() and set() step the wall clock as an operator would
await handle.finished;
console.log(observer.types());
