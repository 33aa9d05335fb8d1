import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

// The program itself runs, as a process of its own, in real time: a kill cannot be had any other way.

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
// So long that a machine which is busy with other things keeps up.
const EVERY_MS = 1_500;
const SAMPLE_MS = 700;

let built: string;
let data: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'quickstart-'));
  await build({
    entryPoints: [source('main.mjs'), source('read.mjs')],
    outdir: built,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: {
      '@cloudiful-scheduler/core': source('../../packages/core/src/index.ts'),
      '@cloudiful-scheduler/store-file': source('../../packages/store-file/src/index.ts'),
    },
  });
});
afterAll(() => rm(built, { recursive: true, force: true }));

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'quickstart-data-'));
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  await rm(data, { recursive: true, force: true });
});

/** A started program: what it has written so far, a wait for a text of it, and its end. */
function start(program: string, durationMs: number) {
  const child = spawn(process.execPath, [join(built, program)], {
    env: {
      ...process.env,
      INGEST_DATA_DIR: data,
      INGEST_EVERY_MS: String(EVERY_MS),
      INGEST_SAMPLE_MS: String(SAMPLE_MS),
      INGEST_DURATION_MS: String(durationMs),
    },
  });
  running.add(child);
  let output = '';
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const seen = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(output)) resolve();
      };
      look();
      child.stdout.on('data', look);
      child.on('close', () => reject(new Error(`ended without ${pattern}:\n${output}`)));
    });
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), seen, ended, output: () => output };
}

const elapse = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lines with `pattern` in the order in which they come. */
const positions = (output: string, ...patterns: readonly RegExp[]): readonly number[] =>
  patterns.map((pattern) => output.search(pattern));

describe('the quickstart', () => {
  it('is killed in the middle of a run, started again, and repeats, catches up and goes on', async () => {
    const first = start('main.mjs', 60_000);
    await first.seen(/^run 2 of .*, attempt 1: /m);
    first.kill('SIGKILL');
    expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(first.output()).toMatch(/^state: new, /m);
    expect(first.output()).not.toContain('Report of');

    await elapse(3 * EVERY_MS + 1_000);
    const second = start('main.mjs', 60_000);
    await second.seen(/^catch-up: [^]*(?:^run \d+ of .*, attempt 1: load [^]*){2}/m);
    second.kill('SIGINT');
    expect(await second.ended).toEqual({ code: 0, signal: null });
    const order = positions(
      second.output(),
      /^state: restored, 2 occurrences consumed, 1 in flight/m,
      /^rerun: the run of .* was interrupted$/m,
      /^run 2 of .*, attempt 2: load /m,
      /^catch-up: one run for \d+ missed occurrences$/m,
      /^Report of ingest-host-metrics \(shutdown\)$/m,
    );
    expect(order, second.output()).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(second.output().match(/^catch-up:/gm)).toHaveLength(1);
    const numbers = [...second.output().matchAll(/^run (\d+) of .*, attempt 1: /gm)].map(([, number]) =>
      Number(number),
    );
    expect(numbers.length).toBeGreaterThanOrEqual(2);
    expect(numbers[0]).toBeGreaterThan(4);
    expect(second.output()).toMatch(/1 repeated, 1 catch-up$/m);
    expect(second.output()).toMatch(/still in flight: 0$/m);

    const reader = start('read.mjs', 1);
    expect(await reader.ended).toEqual({ code: 0, signal: null });
    const lines = reader.output().trim().split('\n');
    const occurrences = lines.map((line) => line.split(' ')[0]);
    expect(new Set(occurrences).size).toBe(lines.length);
    expect(lines[1]).toContain('attempt 2');
  });

  it('waits for the current run when it is interrupted from the keyboard', async () => {
    const program = start('main.mjs', 60_000);
    await program.seen(/^run 1 of .*, attempt 1: /m);
    program.kill('SIGINT');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output()).toMatch(/^SIGINT: no new runs; waiting for the current one$/m);
    expect(program.output()).toMatch(/load [\s\S]*^Report of ingest-host-metrics \(shutdown\)$/m);
    expect(program.output()).toMatch(/still in flight: 0$/m);
    const samples = (await readFile(join(data, 'samples.ndjson'), 'utf8')).trim().split('\n');
    expect(samples).toHaveLength(1);
  });

  it('reads past a line that a crash cut short, and keeps the last attempt of an occurrence', async () => {
    const line = (minute: number, attempt: number): string =>
      JSON.stringify({ scheduledAt: `2026-01-01T00:0${minute}:00.000Z`, attempt, cpuBusy: 0.5 });
    const text = [line(1, 1), line(2, 1), line(1, 2), '{"scheduledAt":"2026-01'].join('\n');
    await writeFile(join(data, 'samples.ndjson'), text);
    const program = start('main.mjs', 1);
    expect((await program.ended).code).toBe(0);
    const reader = start('read.mjs', 1);
    await reader.ended;
    expect(reader.output().trim().split('\n')).toEqual([
      '2026-01-01T00:01:00.000Z attempt 2 cpu 50 %',
      '2026-01-01T00:02:00.000Z attempt 1 cpu 50 %',
    ]);
  });
});
