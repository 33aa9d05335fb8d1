// What shows that a sample of a README did its work, and when it may end. A sample without an entry fails the test.

/**
 * `shows`: what the program must have written. `until`: it runs for ever, and is sent `signal` when it has written
 * this. `timesFaster`: how many times faster time passes in it. `beside`: files that the README tells the reader to
 * write. `typed`: what a sample in JavaScript needs to be TypeScript. `keeps`: a program that must succeed in the same folder afterwards.
 */
export const proofs = {
  'examples/guides/readme-root.mjs': {
    timesFaster: 20,
    until: /A-share .*Z on time attempt 1/,
    signal: 'SIGINT',
    shows: [/^\d+ occurrences consumed, stopped by shutdown$/m],
  },
  'examples/guides/readme-core.mjs': {
    shows: [/^run 1 of [\s\S]*^run 2 of [\s\S]*^run 3 of /m, /^terminal 3$/m],
  },
  'examples/cron/main.mjs': {
    timesFaster: 60,
    shows: [/nightly 09\/03\/2025, 03:00:00/, /ran for \S+:00\.000Z\nfinished after 1 run: success/],
  },
  'examples/guides/readme-store-file.ts': {
    timesFaster: 200,
    until: /^prices of .* attempt 1$/m,
    signal: 'SIGKILL',
    shows: [],
    keeps: `
      import { FileStateStore } from '@cloudiful-scheduler/store-file';
      const record = await new FileStateStore('./state').load('ingest-prices');
      if (!(record.state.nextRunAt > new Date())) throw new Error('no next run is stored');`,
  },
  'examples/guides/readme-observer-pino.ts': {
    timesFaster: 20,
    until: /"event":"run_completed"/,
    signal: 'SIGKILL',
    shows: [
      /"level":30,.*"component":"jobs","event":"run_started","job_id":"refresh-prices"/,
      /"status":"success"/,
    ],
  },
  'examples/guides/readme-task-worker.mjs': {
    timesFaster: 200,
    beside: {
      'crunch.mjs': `
        import { isMainThread } from 'node:worker_threads';
        export function countPrimes({ run, deps }) {
          console.log('below', deps.below, 'in the main thread:', isMainThread, 'attempt', run.attempt);
        }`,
    },
    until: /^below 3000000 in the main thread: false attempt 1$/m,
    signal: 'SIGKILL',
    shows: [],
  },
  'examples/guides/readme-testkit-clock.ts': {
    shows: [/run_completed[\s\S]*run_completed/],
  },
  'examples/guides/my-store.node-test.mjs': {
    nodeArguments: ['--test-reporter=tap'],
    typed: { 'first.table': '(first as MyStore).table', 'store.close': '(store as MyStore).close' },
    shows: [/^# pass [2-9]\d$/m, /^# fail 0$/m, /^# skipped 0$/m],
  },
  'examples/guides/readme-guard-valkey.ts': {
    timesFaster: 5,
    until: /^prices of \S+Z fencing token \d+$/m,
    signal: 'SIGINT',
    shows: [],
  },
  'examples/guides/readme-store-valkey.ts': {
    timesFaster: 5,
    until: /^prices of \S+Z$/m,
    signal: 'SIGINT',
    shows: [/^due next: \S+Z$/m],
  },
};
