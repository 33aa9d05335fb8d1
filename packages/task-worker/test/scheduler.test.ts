import {
  defineJob,
  type ExecutionGuard,
  every,
  InMemoryExecutionGuard,
  Scheduler,
} from '@cloudiful-scheduler/core';
import { RecordingObserver } from '@cloudiful-scheduler/testkit';
import { expect, test } from 'vitest';
import { fixtureTask, marked, progress } from './support.js';

test('a lease is renewed while the task burns CPU for longer than it lasts', async () => {
  const observer = new RecordingObserver();
  const ttlMs = 1_000;
  const guard: ExecutionGuard = new InMemoryExecutionGuard({ ttlMs, renewEveryMs: 200 });
  const scheduler = new Scheduler({ guard, observers: [observer] });
  let longestGapMs = 0;
  let last = performance.now();
  const heartbeat = setInterval(() => {
    longestGapMs = Math.max(longestGapMs, performance.now() - last);
    last = performance.now();
  }, 20);

  const job = defineJob({
    id: 'crunch',
    schedule: every({ milliseconds: 10 }),
    maxRuns: 1,
    deps: { ms: 3_000 },
    task: fixtureTask('busy'),
  });
  const report = await scheduler.run(job);
  clearInterval(heartbeat);

  const types = observer.events.map(({ type }) => type);
  expect(types.filter((type) => type === 'guard_renewed').length).toBeGreaterThanOrEqual(5);
  expect(types).not.toContain('guard_lost');
  expect(types).toContain('guard_released');
  expect(report.history).toMatchObject([{ status: 'success' }]);
  expect(longestGapMs).toBeLessThan(ttlMs);
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
