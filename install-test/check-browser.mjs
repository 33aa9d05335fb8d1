import { webcrypto } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';

const PROGRAM = `
  import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
  import { ManualClock, RecordingObserver } from '@cloudiful-scheduler/testkit';

  async function inRealTime() {
    const job = defineJob({ id: 'page', schedule: every(20), maxRuns: 3, task: () => {} });
    const { state, stopReason } = await new Scheduler({ timezone: 'Asia/Shanghai' }).run(job);
    return [state.triggerCount, stopReason];
  }

  async function onManualClock() {
    const clock = new ManualClock('2026-01-01T00:00:00Z');
    const observer = new RecordingObserver();
    const job = defineJob({ id: 'page', schedule: every({ minutes: 5 }), maxRuns: 2, task: () => {} });
    const handle = new Scheduler({ clock, observers: [observer] }).start(job);
    await clock.advance(600_000);
    await handle.finished;
    return observer.types().filter((type) => type === 'run_completed').length;
  }

  globalThis.answer = Promise.all([inRealTime(), onManualClock()]).then(JSON.stringify);`;

/** Bundles core and testkit for the browser and runs them where there is nothing of Node but what pages have too. */
export async function checkBrowser(project) {
  const { outputFiles, warnings } = await build({
    stdin: { contents: PROGRAM, resolveDir: project.directory },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
  const context = createContext({
    setTimeout,
    clearTimeout,
    AbortController,
    AbortSignal,
    performance,
    crypto: webcrypto,
    MessageChannel,
  });
  runInContext(outputFiles[0].text, context);
  const answer = await context.answer;
  if (answer !== '[[3,"terminal"],2]') throw new Error(`The bundle answered ${answer}`);
}
