import { InvalidOptionError, isSchedulerError, JobStoppedError } from '@cloudiful-scheduler/core';
import { expect, test } from 'vitest';
import { workerTask } from '../src/index.js';
import { contextWith, fixtures, fixtureTask, marked, progress, rejection } from './support.js';

test('the function is called in another thread with the context of the run, and what it returns comes back', async () => {
  const lease = {
    slot: {
      jobId: 'crunch',
      resourceId: 'crunch',
      scope: 'occurrence' as const,
      scheduledAt: new Date('2026-01-02T03:04:05Z'),
    },
    key: 'key',
    token: 'token',
    fencingToken: 3,
    ttlMs: 1_000,
    renewEveryMs: 300,
  };
  const context = contextWith({ numbers: [1, 2, 3] }, undefined, lease);
  expect(await fixtureTask('default')(context)).toEqual({
    sum: 6,
    run: context.run,
    lease,
    isMainThread: false,
  });
});

test('a CommonJS file works, its default export and others', async () => {
  await using byDefault = workerTask(fixtures.commonJs);
  await using named = workerTask(fixtures.commonJs, { export: 'named' });
  expect(await byDefault(contextWith(undefined))).toBe('default of CommonJS');
  expect(await named(contextWith(undefined))).toBe('named of CommonJS');
});

test('what it throws has its name, message, stack, cause and data', async () => {
  const error = await rejection(fixtureTask('fail')(contextWith(undefined)));
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'RangeError', message: 'too many rows', code: 'E_ROWS' });
  expect(error.stack).toContain('tasks.mjs');
  expect(error.cause).toMatchObject({ name: 'Error', message: 'disk full' });
});

test('it may throw what is no error', async () => {
  await expect(fixtureTask('failWith')(contextWith({ thrown: 'a text' }))).rejects.toBe('a text');
  await expect(fixtureTask('failWith')(contextWith({ thrown: undefined }))).rejects.toBe(undefined);
});

test('an export that is no function is a wrong option', async () => {
  const missing = await rejection(fixtureTask('absent')(contextWith(undefined)));
  expect(missing).toBeInstanceOf(InvalidOptionError);
  expect(missing).toMatchObject({ option: 'workerTask.export', received: 'absent' });
  expect(missing.message).toMatch(/one of the functions that .*tasks\.mjs exports: .*default/);

  await using inherited = workerTask(fixtures.commonJs, { export: 'toString' });
  const error = await rejection(inherited(contextWith(undefined)));
  expect(isSchedulerError(error, 'ERR_INVALID_OPTION')).toBe(true);
});

test('a file that cannot be loaded is told', async () => {
  await using broken = workerTask(fixtures.broken);
  await expect(broken(contextWith(undefined))).rejects.toThrow('cannot be loaded');
});

test('an error that cannot be read is a failure and not a crash', async () => {
  const error = await rejection(fixtureTask('failUnreadable')(contextWith(undefined)));
  expect(error).toMatchObject({ name: 'TypeError', message: 'no rows', rows: '(rows cannot be read)' });
  const proxy = await rejection(fixtureTask('failWithProxy')(contextWith(undefined)));
  expect(proxy.message).toBe('What was thrown cannot be read: it throws an error itself');
});

test('what cannot be cloned is named, on the way in and out', async () => {
  const deps = { market: 'A-share', clients: [{ send: () => undefined }] };
  const inward = await rejection(fixtureTask('default')(contextWith(deps)));
  expect(isSchedulerError(inward, 'ERR_NOT_CLONEABLE')).toBe(true);
  expect(inward).toMatchObject({ path: 'deps.clients[0].send', kind: 'data' });
  expect(inward.message).toContain('deps.clients[0].send cannot be passed between threads, being a function');

  const outward = await rejection(fixtureTask('returnFunction')(contextWith(undefined)));
  expect(isSchedulerError(outward, 'ERR_NOT_CLONEABLE')).toBe(true);
  expect(outward).toMatchObject({ path: 'result.rows[1].send' });
});

test('a thread that exits fails its run, and the next run has a new one', async () => {
  const task = fixtureTask('exit', { pool: { maxThreads: 1 } });
  for (const code of [3, 0]) {
    const error = await rejection(task(contextWith({ code })));
    expect(isSchedulerError(error, 'ERR_WORKER_CRASHED')).toBe(true);
    expect(error.message).toContain(`code: ${code}`);
  }
});

test('a thread out of memory fails its run', async () => {
  const task = fixtureTask('outgrowMemory', { pool: { resourceLimits: { maxOldGenerationSizeMb: 16 } } });
  const error = await rejection(task(contextWith(undefined)));
  expect(isSchedulerError(error, 'ERR_WORKER_CRASHED')).toBe(true);
  expect(error.cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
});

test('an exception that nothing catches fails the run', async () => {
  const error = await rejection(fixtureTask('failUnseen')(contextWith(undefined)));
  expect(isSchedulerError(error, 'ERR_WORKER_CRASHED')).toBe(true);
  expect(error.cause).toMatchObject({ message: 'nobody caught this' });
});

test('a thread that cannot even begin fails its run', async () => {
  // With less than 3 MB, Node 22 and newer do not report it but end the whole process.
  const task = fixtureTask('default', { pool: { resourceLimits: { maxOldGenerationSizeMb: 4 } } });
  const error = await rejection(task(contextWith({ numbers: [] })));
  expect(isSchedulerError(error, 'ERR_WORKER_CRASHED')).toBe(true);
});

test('a run that waits for a thread gets one when the thread before it crashed', async () => {
  const task = fixtureTask('exit', { pool: { maxThreads: 1 } });
  const runs = [1, 2, 3].map((code) => rejection(task(contextWith({ code }))));
  expect((await Promise.all(runs)).map(({ message }) => /code: (\d)/.exec(message)?.[1])).toEqual([
    '1',
    '2',
    '3',
  ]);
});

test('a thread that ends after its run leaves the runs of others alone', async () => {
  await using task = workerTask(fixtures.slowToLoad, { pool: { maxThreads: 2 } });
  const marks = progress();
  const first = task(contextWith(marks));
  await marked(marks);
  const channel = new BroadcastChannel('slow-to-load');
  const loading = new Promise((resolve) => channel.addEventListener('message', resolve));
  const second = task(contextWith(undefined));
  await loading;
  channel.close();
  Atomics.store(marks, 1, 1);
  expect(await second).not.toBe(await first);
});

test('a run whose thread ended before it called the function is given to another', async () => {
  const task = fixtureTask('failLate', { pool: { maxThreads: 1 } });
  await task(contextWith(undefined));
  expect(await task(contextWith(undefined))).toBeUndefined();
});

test('a run whose threads all end before they call the function fails', async () => {
  await using task = workerTask(fixtures.exitsWhenLoaded);
  const error = await rejection(task(contextWith(undefined)));
  expect(isSchedulerError(error, 'ERR_WORKER_CRASHED')).toBe(true);
  expect(error.message).toContain('code: 4');
});

test('a thread is used again', async () => {
  const task = fixtureTask('thread');
  const first = await task(contextWith(undefined));
  expect(await task(contextWith(undefined))).toBe(first);
});

const cancelled = new JobStoppedError('ERR_CANCELLED', 'crunch');

test('an abort reaches a function that waits, which may clean up', async () => {
  const marks = progress();
  const controller = new AbortController();
  const run = rejection(fixtureTask('waitForAbort')(contextWith({ progress: marks }, controller.signal)));
  await marked(marks);
  controller.abort(cancelled);
  expect(await run).toBe(cancelled);
  expect([...marks]).toEqual([1, 1]);
});

test('an abort reaches a function that only loops', async () => {
  const marks = progress();
  const controller = new AbortController();
  const run = fixtureTask('loopUntilAbort')(contextWith({ progress: marks }, controller.signal));
  await marked(marks);
  controller.abort(cancelled);
  expect(await run).toBe('ERR_CANCELLED');

  const again = new AbortController();
  const loopMarks = progress();
  const thrower = rejection(
    fixtureTask('throwIfAbortedInLoop')(contextWith({ progress: loopMarks }, again.signal)),
  );
  await marked(loopMarks);
  again.abort(cancelled);
  expect(await thrower).toBe(cancelled);
});

test('a function that takes no notice is ended with its thread after the grace, and a waiting run goes on', async () => {
  const marks = progress();
  const controller = new AbortController();
  const abortGraceMs = 100;
  const task = fixtureTask('loopForEver', { abortGraceMs, pool: { maxThreads: 1 } });
  const run = rejection(task(contextWith({ progress: marks }, controller.signal)));
  const nextMarks = progress();
  const next = rejection(task(contextWith({ progress: nextMarks })));
  await marked(marks);
  const abortedAt = performance.now();
  controller.abort(cancelled);
  expect(await run).toBe(cancelled);
  expect(performance.now() - abortedAt).toBeGreaterThanOrEqual(abortGraceMs - 5);
  await marked(nextMarks);
  await task.close();
  expect(isSchedulerError(await next, 'ERR_WORKER_CLOSED')).toBe(true);
});

test('a run that is aborted before it has a thread does not begin', async () => {
  const task = fixtureTask('loopForEver', { abortGraceMs: 600_000, pool: { maxThreads: 1 } });
  const marks = progress();
  const first = rejection(task(contextWith({ progress: marks })));
  await marked(marks);
  const controller = new AbortController();
  const waiting = rejection(task(contextWith({ progress: marks }, controller.signal)));
  controller.abort(cancelled);
  expect(await waiting).toBe(cancelled);
  expect(await rejection(task(contextWith({ progress: marks }, controller.signal)))).toBe(cancelled);
  await task.close();
  expect(isSchedulerError(await first, 'ERR_WORKER_CLOSED')).toBe(true);
});

test('a closed task runs nothing, and may be closed again', async () => {
  const task = fixtureTask('thread');
  await task.close();
  await task.close();
  expect(isSchedulerError(await rejection(task(contextWith(undefined))), 'ERR_WORKER_CLOSED')).toBe(true);
});
