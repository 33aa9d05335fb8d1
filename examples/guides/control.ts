import { ManualClock } from '@cloudiful-scheduler/testkit';
import {
  defineJob,
  every,
  isSchedulerError,
  Scheduler,
} from '@cloudiful-scheduler/core';

const clock = new ManualClock('2026-03-02T09:00:00Z');
const scheduler = new Scheduler({ clock });
const job = defineJob({
  id: 'refresh-prices',
  schedule: every({ minutes: 5 }),
  task: async ({ signal }) => {
    // #region signal
    const nap = sleep(60_000);
    signal.addEventListener('abort', nap.stop);
    await nap.ended;
    signal.throwIfAborted();
    // #endregion
  },
});

// #region start
const handle = scheduler.start(job); // returns at once
await handle.started; // the state is loaded, or rejects with the reason why it cannot be
console.log(handle.snapshot());
// #endregion

// #region trigger
const result = await handle.trigger();
if (result.status === 'triggered')
  console.log('runs', result.scheduledAt, 'queued:', result.queued);
else console.log('not now:', result.reason);
// #endregion
console.log(await handle.trigger());
await clock.advance(60_000);

// #region pause
await handle.pause(); // in this instance
await handle.resume();

await handle.pause({ scope: 'shared' }); // in every instance, also after a restart
await handle.resume(); // what this handle paused; { scope: 'shared' } ends a shared pause of others too
// #endregion

// #region shutdown
const stopped = scheduler.shutdown({ graceMs: 30_000 }); // all jobs; handle.shutdown() for one
// #endregion
await stopped;

// #region after
try {
  await handle.trigger();
} catch (error) {
  if (isSchedulerError(error, 'ERR_SHUTDOWN')) console.log(error.message);
}
// #endregion

// #region report
const report = await handle.finished;
console.log(report.stopReason, report.lastSkipReason);
for (const { scheduledAt, status, error } of report.history)
  console.log(scheduledAt, status, error);
console.log('due next:', report.state.nextRunAt);
// #endregion

const other = new Scheduler({ clock });
// #region run
const controller = new AbortController();
const finished = other.run(job, { signal: controller.signal }); // start and wait for the end
controller.abort(); // cancels the job
console.log((await finished).stopReason);
// #endregion

function sleep(ms: number): { ended: Promise<void>; stop: () => void } {
  let stop = (): void => {};
  const ended = new Promise<void>((resolve) => (stop = resolve));
  clock.setTimer(ms, stop);
  return { ended, stop };
}
