import { defineJob, every, InMemoryExecutionGuard, Scheduler } from '@cloudiful-scheduler/core';
import { RecordingObserver } from '@cloudiful-scheduler/testkit';
import { expect, test } from 'vitest';
import { fixtureTask, marked, progress } from './support.js';

test('a lease is renewed while the task burns CPU for five seconds', async () => {
  const observer = new RecordingObserver();
  const seen = (type: string) => observer.events.filter((event) => event.type === type).length;
  // Far more than a stall of a busy machine, so that only a blocked thread would keep it from being renewed.
  const guard = new InMemoryExecutionGuard({ ttlMs: 60_000, renewEveryMs: 200 });
  const marks = progress();
  const job = defineJob({
    id: 'crunch',
    schedule: every({ milliseconds: 10 }),
    maxRuns: 1,
    deps: { progress: marks, ms: 5_000 },
    task: fixtureTask('busy'),
  });
  const run = new Scheduler({ guard, observers: [observer] }).run(job);
  await marked(marks);
  const before = seen('guard_renewed');
  const report = await run;

  expect(seen('guard_renewed') - before).toBeGreaterThanOrEqual(2); // of 25, on a machine that is not busy
  expect(seen('guard_lost')).toBe(0);
  expect(seen('guard_released')).toBe(1);
  expect(report.history).toMatchObject([{ status: 'success' }]);
});

test('what ends a run in its thread is a failed run of the job', async () => {
  const scheduler = new Scheduler();
  const once = { schedule: every({ milliseconds: 10 }), maxRuns: 1 };
  const deps = { now: Date.now };
  const reports = await Promise.all([
    scheduler.run(defineJob({ ...once, id: 'fails', task: fixtureTask('fail') })),
    scheduler.run(defineJob({ ...once, id: 'exits', deps: { code: 9 }, task: fixtureTask('exit') })),
    scheduler.run(defineJob({ ...once, id: 'carries', deps, task: fixtureTask('default') })),
  ]);
  expect(reports.map(({ history }) => history.map(({ status }) => status))).toEqual([
    ['failed'],
    ['failed'],
    ['failed'],
  ]);
  expect(reports[0]?.state?.lastError).toBe('too many rows');
  expect(reports[1]?.state?.lastError).toContain('code: 9');
  expect(reports[2]?.state?.lastError).toContain('deps.now cannot be passed');
});

test('cancel reaches the thread', async () => {
  const scheduler = new Scheduler();
  const marks = progress();
  const job = defineJob({
    id: 'crunch',
    schedule: every({ milliseconds: 10 }),
    deps: { progress: marks },
    task: fixtureTask('loopUntilAbort'),
  });
  const handle = scheduler.start(job);
  await marked(marks);
  await handle.cancel();
  await marked(marks, 1);
  expect((await handle.finished).stopReason).toBe('cancelled');
});

test('cancel sees the end of a run that takes no notice', async () => {
  const marks = progress();
  const job = defineJob({
    id: 'crunch',
    schedule: every({ milliseconds: 10 }),
    deps: { progress: marks },
    task: fixtureTask('loopForEver'),
  });
  const handle = new Scheduler().start(job);
  await marked(marks);
  await handle.cancel();
  const { state, history } = await handle.finished;
  expect(state?.inFlight).toEqual([]);
  expect(history).toMatchObject([{ status: 'failed' }]);
});
