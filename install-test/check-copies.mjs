// Runs in the project: what one copy of the packages makes, ESM or CommonJS, has to be understood by the other.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as esmCore from '@cloudiful-scheduler/core';
import * as esmFiles from '@cloudiful-scheduler/store-file';
import * as esmTestkit from '@cloudiful-scheduler/testkit';

const require = createRequire(import.meta.url);
const esm = { core: esmCore, files: esmFiles, testkit: esmTestkit };
const cjs = {
  core: require('@cloudiful-scheduler/core'),
  files: require('@cloudiful-scheduler/store-file'),
  testkit: require('@cloudiful-scheduler/testkit'),
};
assert.notEqual(esm.core.Scheduler, cjs.core.Scheduler);
assert.deepEqual(Object.keys(cjs.core).sort(), Object.keys(esm.core).sort());

for (const [mine, other] of [
  [esm, cjs],
  [cjs, esm],
]) {
  const error = thrownBy(() => other.core.every(-1));
  assert.ok(!(error instanceof mine.core.InvalidOptionError));
  assert.ok(mine.core.isSchedulerError(error));
  assert.ok(mine.core.isSchedulerError(error, 'ERR_INVALID_OPTION'));
  assert.ok(!mine.core.isSchedulerError(error, 'ERR_TIMEOUT'));
  assert.ok(!mine.core.isSchedulerError(new Error('ERR_INVALID_OPTION')));

  await runsJobOfOther(mine, other);
  await knowsErrorsOfPlugin(mine, other);
}
console.log('both copies understand each other');

/** A job, schedule, clock, observer, store and guard of the other copy. */
async function runsJobOfOther(mine, other) {
  const clock = new other.testkit.ManualClock('2026-01-01T00:00:00Z');
  const observer = new other.testkit.RecordingObserver();
  const scheduler = new mine.core.Scheduler({
    clock,
    observers: [observer],
    store: new other.core.InMemoryStateStore(),
    guard: new other.core.InMemoryExecutionGuard({ clock }),
  });
  const job = other.core.defineJob({
    id: 'other',
    schedule: other.core.every({ minutes: 1 }),
    maxRuns: 2,
    task: () => {},
  });
  const handle = scheduler.start(job);
  await clock.advance(5 * 60_000);
  assert.equal((await handle.finished).state.triggerCount, 2);
  assert.equal(observer.types().filter((type) => type === 'run_completed').length, 2);
}

/** The engine tells a damaged record from an outage by the error that the plugin throws. */
async function knowsErrorsOfPlugin(mine, other) {
  const directory = mkdtempSync(join(tmpdir(), 'copies-'));
  const job = mine.core.defineJob({
    id: 'damaged',
    schedule: mine.core.every(10),
    maxRuns: 1,
    task: () => {},
  });
  await new mine.core.Scheduler({ store: new mine.files.FileStateStore(directory) }).run(job);
  const states = readdirSync(directory).filter((file) => file.endsWith('.state'));
  assert.notEqual(states.length, 0);
  for (const state of states) writeFileSync(join(directory, state), 'damaged');
  const handle = new mine.core.Scheduler({ store: new other.files.FileStateStore(directory) }).start(job);
  const error = await handle.started.then(
    () => undefined,
    (reason) => reason,
  );
  assert.ok(mine.core.isSchedulerError(error, 'ERR_STATE_CORRUPT'), String(error));
  await handle.finished.catch(() => {});
}

function thrownBy(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
