import { join } from 'node:path';
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { FileStateStore } from '@cloudiful-scheduler/store-file';
import { ConsoleReport } from './console-report.mjs';
import { measureHost } from './host-metrics.mjs';
import { openSampleFile } from './sample-file.mjs';
import { dataDirectory, durationMs, everyMs, sampleMs } from './settings.mjs';

const samplePath = join(dataDirectory, 'samples.ndjson');
const output = new ConsoleReport();

const job = defineJob({
  id: 'ingest-host-metrics',
  schedule: every(everyMs),
  deps: { file: await openSampleFile(samplePath), output },
  missedRunPolicy: 'catch_up_once',
  interruptedRunPolicy: 'rerun',
  task: async ({ run, deps, signal }) => {
    const sample = await measureHost(sampleMs, signal);
    // The two of these name the line, so that a reader can tell a repeated run from a new one.
    await deps.file.append({ scheduledAt: run.scheduledAt, attempt: run.attempt, ...sample });
    deps.output.sampled(sample);
  },
});

const scheduler = new Scheduler({
  store: new FileStateStore(join(dataDirectory, 'state')),
  observers: [output],
});

output.say(
  `Sampling this host every ${everyMs} ms for ${durationMs} ms. Kill me (kill -9 ${process.pid}) and start again.`,
);
const handle = scheduler.start(job);

const timer = setTimeout(drain, durationMs);
// Ctrl-C may arrive twice: from the terminal, and from the script that started this program.
process.on('SIGINT', drain);
process.on('SIGTERM', drain);
let draining = false;

function drain(signal) {
  if (draining) return;
  draining = true;
  clearTimeout(timer);
  if (signal !== undefined) output.say(`${signal}: no new runs; waiting for the current one`);
  void scheduler.shutdown({ graceMs: 5_000 });
}

try {
  output.finished(await handle.finished, samplePath);
} catch (error) {
  clearTimeout(timer);
  console.error(error);
  process.exitCode = 1;
}
