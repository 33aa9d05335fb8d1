import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, every, type JobHandle, Scheduler } from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';
import { expect, it } from 'vitest';
import { FileStateStore } from '../src/index.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

/** Lets the file system do its work, without letting time pass. */
async function until(clock: ManualClock, condition: () => boolean): Promise<void> {
  while (!condition()) await clock.settle();
}

it('carries a job over restarts: what was interrupted, what was missed, and its end', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'store-file-'));
  try {
    const runs: [minute: number, attempt: number, catchUp: boolean][] = [];
    const start = (clock: ManualClock, hang: boolean): JobHandle =>
      new Scheduler({ store: new FileStateStore(directory), clock }).start(
        defineJob({
          id: 'a/b',
          schedule: every({ minutes: 1 }),
          maxRuns: 11,
          task: ({ run }) => {
            runs.push([(run.scheduledAt.getTime() - START) / MINUTE, run.attempt, run.catchUp]);
            return hang ? new Promise<never>(() => {}) : undefined;
          },
        }),
      );

    const before = new ManualClock(START);
    await start(before, true).started;
    await before.advance(MINUTE);
    await until(before, () => runs.length === 1);
    // Left in the middle of its run, as by a crash.

    const after = new ManualClock(START + 10.5 * MINUTE);
    const handle = start(after, false);
    await until(after, () => runs.length === 3 && handle.snapshot().active === 0);
    await after.advance(0.5 * MINUTE);
    const report = await handle.finished;

    expect(runs).toEqual([
      [1, 1, false],
      [1, 2, false],
      [10, 1, true],
      [11, 1, false],
    ]);
    expect(report.stopReason).toBe('terminal');
    expect(await new FileStateStore(directory).load('a/b')).toMatchObject({
      state: { triggerCount: 11, inFlight: [] },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
