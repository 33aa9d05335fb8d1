import type { ExecutionLease, TaskContext } from '@cloudiful-scheduler/core';
import { afterEach } from 'vitest';
import { type WorkerTask, workerTask, type WorkerTaskOptions } from '../src/index.js';

const opened: WorkerTask[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((task) => task.close()));
});

export const fixtures = {
  tasks: new URL('./fixtures/tasks.mjs', import.meta.url),
  commonJs: new URL('./fixtures/tasks.cjs', import.meta.url),
  broken: new URL('./fixtures/broken.mjs', import.meta.url),
  exitsWhenLoaded: new URL('./fixtures/exits-when-loaded.mjs', import.meta.url),
  slowToLoad: new URL('./fixtures/slow-to-load.mjs', import.meta.url),
};

/** A worker task of `fixtures/tasks.mjs` that is closed after the test. */
export function fixtureTask(name: string, options: WorkerTaskOptions = {}): WorkerTask {
  const task = workerTask(fixtures.tasks, { export: name, ...options });
  opened.push(task);
  return task;
}

/** What the engine would call a task with. */
export function contextWith(
  deps: unknown,
  signal: AbortSignal = new AbortController().signal,
  lease?: ExecutionLease,
): TaskContext {
  return {
    run: {
      jobId: 'crunch',
      scheduledAt: new Date('2026-01-02T03:04:05Z'),
      catchUp: true,
      triggerCount: 7,
      attempt: 2,
      timezone: 'Europe/Berlin',
      manual: false,
    },
    deps,
    signal,
    lease,
  };
}

/** Marks that a task sets while its thread is busy. */
export function progress(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Waits for a mark without blocking this thread. */
export async function marked(marks: Int32Array, index = 0): Promise<void> {
  while (Atomics.load(marks, index) === 0) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** What `promise` rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('It did not reject');
}
