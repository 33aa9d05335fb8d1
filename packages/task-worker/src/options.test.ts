import { InvalidOptionError } from '@cloudiful-scheduler/core';
import { expect, test } from 'vitest';
import { workerTask } from './worker-task.js';

const here = new URL(import.meta.url);

function optionOf(url: unknown, options?: unknown): string {
  try {
    workerTask(url as URL, options as never);
  } catch (error) {
    if (error instanceof InvalidOptionError) return error.option;
    throw error;
  }
  return 'none';
}

test.each([
  ['workerTask.url', './crunch.js', undefined],
  ['workerTask.url', new URL('https://example.com/crunch.js'), undefined],
  ['workerTask.url', new URL('./absent.js', here), undefined],
  ['workerTask.url', new URL('./', here), undefined],
  ['workerTask.url', new URL('./options.ts/absent.js', here), undefined],
  ['workerTask.url', new URL('file:///a%2Fb.js'), undefined],
  ['workerTask', here, null],
  ['workerTask.exports', here, { exports: 'crunch' }],
  ['workerTask.export', here, { export: '' }],
  ['workerTask.export', here, { export: 5 }],
  ['workerTask.abortGraceMs', here, { abortGraceMs: -1 }],
  ['workerTask.abortGraceMs', here, { abortGraceMs: Infinity }],
  ['workerTask.pool', here, { pool: 4 }],
  ['workerTask.pool.threads', here, { pool: { threads: 4 } }],
  ['workerTask.pool.maxThreads', here, { pool: { maxThreads: 0 } }],
  ['workerTask.pool.maxThreads', here, { pool: { maxThreads: 1.5 } }],
  ['workerTask.pool.idleTimeoutMs', here, { pool: { idleTimeoutMs: 2 ** 31 } }],
  ['workerTask.pool.resourceLimits', here, { pool: { resourceLimits: [] } }],
  ['workerTask.pool.resourceLimits.heapMb', here, { pool: { resourceLimits: { heapMb: 1 } } }],
  ['workerTask.pool.resourceLimits.stackSizeMb', here, { pool: { resourceLimits: { stackSizeMb: 0 } } }],
  ['none', here, undefined],
  ['none', here, { export: undefined, abortGraceMs: 0, pool: { maxThreads: 2, resourceLimits: {} } }],
])('%s', (option, url, options) => {
  expect(optionOf(url, options)).toBe(option);
});
