import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobState } from '@cloudiful-scheduler/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FileStateStore } from '../src/index.js';
import { asProcess } from './stepped-files.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('./stepped-files.js')).steppedFiles(await original<typeof import('node:fs/promises')>()),
);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-file-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const stateOf = (triggerCount: number): JobState => ({
  jobId: 'job',
  triggerCount,
  paused: false,
  inFlight: [],
});

it.each([
  ['ENOSPC', 'connection'],
  ['EIO', 'connection'],
  ['EMFILE', 'connection'],
  ['EACCES', 'denied'],
  ['EROFS', 'denied'],
])('%s at any step is reported as %s, and the call can be repeated', async (code, kind) => {
  const store = new FileStateStore(directory);
  let count = 0;
  let revision = (await store.save(stateOf(count), undefined)) as { revision?: string };
  for (let failing = 1, failed = true; failed; failing += 1) {
    let taken = 0;
    failed = false;
    const cause = Object.assign(new Error(code), { code });
    const step = () => {
      taken += 1;
      if (taken !== failing) return;
      failed = true;
      throw cause;
    };
    const result = await asProcess(step, () => store.save(stateOf(count + 1), revision.revision)).catch(
      (error: unknown) => error,
    );
    if (result instanceof Error) expect(result).toMatchObject({ name: 'StoreError', kind, cause });
    else expect(result).toMatchObject({ status: 'saved' });

    const stored = await store.load('job');
    expect([count, count + 1]).toContain(stored?.state.triggerCount);
    if (!(result instanceof Error)) expect(stored?.state.triggerCount).toBe(count + 1);
    count = (stored?.state.triggerCount ?? 0) + 1;
    revision = (await store.save(stateOf(count), stored?.revision)) as { revision?: string };
    expect(revision).toMatchObject({ status: 'saved' });
  }
  expect((await readdir(directory)).filter((name) => name.endsWith('.state')).length).toBeLessThanOrEqual(2);
});
