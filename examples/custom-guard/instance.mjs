// One instance: a process with a schedule and a state of its own. Only the guard keeps it from running what
// another instance runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { atTimes, defineJob, Scheduler } from '@cloudiful-scheduler/core';
import { HttpExecutionGuard } from './http-execution-guard.mjs';

const [, , name, url, ...times] = process.argv;

const say = (what, { scheduledAt }, more) =>
  console.log(`${name} ${what} ${scheduledAt.toISOString().slice(11, 23)}, ${more}`);

const scheduler = new Scheduler({
  guard: new HttpExecutionGuard(url),
  observers: [
    {
      onEvent(event) {
        if (event.type === 'run_started') say('runs', event, `fencing token ${event.fencingToken}`);
        if (event.type === 'run_skipped') say('leaves', event, event.reason);
        if (event.type === 'guard_degraded') console.log(`${name} waits: ${event.error?.message}`);
      },
    },
  ],
});

const job = defineJob({
  id: 'send-reminders',
  schedule: atTimes(times.map((time) => new Date(Number(time)))),
  // So that each instance asks for each occurrence, also when this machine is slow.
  missedRunPolicy: 'replay_all',
  overlapPolicy: 'allow_parallel',
  task: ({ signal }) => sleep(100, undefined, { signal }),
});

await scheduler.run(job);
