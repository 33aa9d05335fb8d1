import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSkipped, ownServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Installation } from './installation.js';

// The samples of the READMEs and guides that are programs run as they stand, each in a process of its own.

let project: Installation;

beforeAll(async () => {
  project = await Installation.make();
});
afterAll(() => project.remove());

describe.concurrent('a sample of a README', () => {
  it('the root: runs until Ctrl-C', async () => {
    const program = project.run(await project.add('readme-root.mjs'), { timesFaster: 20 });
    await program.seen(/A-share .*Z on time attempt 1/);
    program.kill('SIGINT');
    expect(await program.ended).toBe(0);
    expect(program.output).toMatch(/\d+ occurrences consumed, stopped by shutdown/);
  });

  it('core: runs three times', async () => {
    const program = project.run(await project.add('readme-core.mjs'));
    expect(await program.ended).toBe(0);
    expect(program.output.match(/^run \d of /gm)).toHaveLength(3);
    expect(program.output).toMatch(/^terminal 3$/m);
  });

  it('schedule-cron: runs at the next full minute', async () => {
    const program = project.run(await project.add('../cron/main.mjs'), { timesFaster: 60 });
    expect(await program.ended).toBe(0);
    expect(program.output).toContain('nightly 09/03/2025, 03:00:00');
    expect(program.output).toMatch(/ran for \S+:00\.000Z\nfinished after 1 run: success/);
  });

  it('store-file: keeps its state in files', async () => {
    const program = project.run(await project.add('readme-store-file.ts'), { timesFaster: 200 });
    await program.seen(/^prices of .* attempt 1$/m);
    expect(readdirSync(join(project.directory, 'state')).some((file) => file.endsWith('.state'))).toBe(true);
    program.kill('SIGKILL');
  });

  it('observer-pino: writes lines', async () => {
    const program = project.run(await project.add('readme-observer-pino.ts'), { timesFaster: 20 });
    await program.seen(/"event":"run_completed"/);
    program.kill('SIGKILL');
    const lines = program.output.split('\n').filter((line) => line.endsWith('}'));
    const completed = lines.map((line) => JSON.parse(line)).find(({ event }) => event === 'run_completed');
    expect(completed).toMatchObject({ component: 'jobs', job_id: 'refresh-prices', status: 'success' });
  });

  it('task-worker: counts in a thread', async () => {
    await project.add('../worker-task/crunch.mjs');
    const program = project.run(await project.add('readme-task-worker.mjs'), { timesFaster: 200 });
    await program.seen(/a worker thread has begun/);
    program.kill('SIGKILL');
  });

  it('testkit: a test without waiting', async () => {
    const program = project.run(await project.add('readme-testkit-clock.ts'));
    expect(await program.ended).toBe(0);
    expect(program.output.match(/run_completed/g)).toHaveLength(2);
  });
});

const here = fileURLToPath(new URL('.', import.meta.url));
const guides = fileURLToPath(new URL('../../docs/guides/', import.meta.url));
const shownOutputs = readdirSync(guides)
  .filter((file) => file.endsWith('.md'))
  .flatMap((file) => {
    const text = readFileSync(join(guides, file), 'utf8');
    const blocks = text.matchAll(/<!-- output: examples\/guides\/(\S+) -->\n```text\n([\s\S]*?)```/g);
    return [...blocks].map(([, sample, output]) => ({ file, sample: sample ?? '', output }));
  });

describe.concurrent('a sample of a guide', () => {
  beforeAll(() => project.add('my-schedule.ts'));

  it.each(shownOutputs)('$file shows what $sample writes', async ({ sample, output }) => {
    const program = project.run(await project.add(sample));
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toBe(output);
  });

  it('pictures are described as they were drawn', () => {
    let pictures = 0;
    for (const file of readdirSync(guides).filter((name) => name.endsWith('.md'))) {
      const text = readFileSync(join(guides, file), 'utf8');
      for (const [, description, figure] of text.matchAll(/!\[([^\]]*)\]\((figures\/[^)]+)\)/g)) {
        const [, drawn] = /<desc[^>]*>([^<]*)</.exec(readFileSync(join(guides, figure ?? ''), 'utf8')) ?? [];
        expect({ figure, description }).toEqual({ figure, description: drawn });
        pictures += 1;
      }
    }
    expect(pictures).toBe(readdirSync(join(guides, 'figures')).length);
  });

  it('none is left out', () => {
    const tests = readdirSync(here)
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(here, file), 'utf8'))
      .join('\n');
    const shown = shownOutputs.map(({ sample }) => sample);
    const harness = /^(installation\.ts|faster-time\.mjs)$|\.test\.ts$/;
    const samples = readdirSync(here).filter((file) => /\.(ts|mjs|cjs)$/.test(file) && !harness.test(file));
    expect(samples.length).toBeGreaterThan(15);
    const isUsed = (file: string): boolean =>
      shown.includes(file) ||
      [`'${file}'`, `'./${file.replace(/\.ts$/, '.js')}'`].some((name) => tests.includes(name));
    expect(samples.filter((file) => !isUsed(file))).toEqual([]);
  });

  it('getting started: is interrupted and repeats', async () => {
    const sample = await project.add('getting-started.mjs');
    const first = project.run(sample, { timesFaster: 4 });
    await first.seen(/^A-share: prices of \S+, attempt 1$/m);
    first.kill('SIGKILL');
    await first.ended;
    const second = project.run(sample, { timesFaster: 4 });
    await second.seen(/^A-share: prices of \S+, attempt 2$/m);
    await second.seen(/^A-share: prices of \S+, attempt 1$/m);
    second.kill('SIGINT');
    expect(await second.ended).toBe(0);
    expect(second.output).toMatch(/^stopped by shutdown after \d runs$/m);
    const occurrences = (output: string) => [...output.matchAll(/prices of (\S+),/g)].map(([, date]) => date);
    expect(occurrences(second.output)[0]).toBe(occurrences(first.output).at(-1));
  });

  it('schedules: shows what is coming', async () => {
    const program = project.run(await project.add('schedules.ts'));
    expect(await program.ended, program.output).toBe(0);
    const guide = readFileSync(join(guides, 'schedules.md'), 'utf8');
    const [, shown = 'nothing'] = /```text\n([\s\S]*?)```/.exec(guide) ?? [];
    expect(program.output).toContain(shown);
    expect(program.output).toMatch(/run 1\nrun 2\nrun 3\nterminal\n$/);
  });

  it('time windows: runs inside, skips outside', async () => {
    const program = project.run(await project.add('time-windows.ts'));
    expect(await program.ended, program.output).toBe(0);
    for (const line of [
      'skips Fri 09:00 outside',
      'runs Fri 09:30',
      'runs Fri 11:00',
      'skips Fri 11:30 outside',
    ])
      expect(program.output).toContain(line);
    expect(program.output).toMatch(/runs Sat 02:00\nskips Sat 02:30 outside/);
  });

  it('control: triggers, pauses, stops and reports', async () => {
    const program = project.run(await project.add('control.ts'));
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toMatch(/status: 'waiting'/);
    expect(program.output).toMatch(/runs 2026-03-02T09:00:00.000Z queued: false/);
    expect(program.output).toMatch(/status: 'skipped', reason: 'overlap'/);
    expect(program.output).toMatch(/The job "refresh-prices" is shut down/);
    expect(program.output).toMatch(/shutdown overlap\n2026-03-02T09:00:00.000Z success undefined\n/);
    expect(program.output).toMatch(/cancelled\n$/);
  });

  it('writing an observer: counts', async () => {
    const program = project.run(await project.add('my-observer.ts'));
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toContain('runs{job="refresh-prices",status="failed"} 1\n');
    expect(program.output).toContain('skipped{job="refresh-prices",reason="overlap"} 1\n');
  });

  it('operating: writes lines, and tells what is stale', async () => {
    const program = project.run(await project.add('operating.ts'));
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toMatch(/"component":"jobs","event":"run_completed"/);
    expect(program.output).toMatch(/stale: false true\n/);
    expect(program.output).toMatch(/after delete: undefined\n/);
  });

  it('coming from other libraries: runs by hand', async () => {
    const program = project.run(await project.add('coming-from-other-libraries.ts'));
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toBe('backed up true\n');
  });

  it('cron: says when it runs next', async () => {
    const program = project.run(await project.add('cron.ts'));
    await program.seen(/^cron 30 2 .*/m);
    program.kill('SIGKILL');
    expect(program.output.match(/T0[1-7]:[0-5][05]:00\.000Z/g)).toHaveLength(5);
  });
});

describe.skipIf(isSkipped(ownServer()))('a sample with a Valkey server', () => {
  let server: TestServer;
  let url: Record<string, string>;
  beforeEach(async () => {
    server = await TestServer.start();
    url = { 'valkey://localhost:6379': server.url };
  });
  afterEach(() => server.stop());

  it('guard-valkey: runs under a lease', async () => {
    const program = project.run(await project.add('readme-guard-valkey.ts', url), { timesFaster: 5 });
    await program.seen(/^prices of \S+Z fencing token \d+$/m);
    program.kill('SIGINT');
    expect(await program.ended, program.output).toBe(0);
  });

  it('store-valkey: keeps its state on the server', async () => {
    const program = project.run(await project.add('readme-store-valkey.ts', url), { timesFaster: 5 });
    await program.seen(/^prices of \S+Z$/m);
    program.kill('SIGINT');
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toMatch(/^due next: \S+Z$/m);
  });

  it('coming from Rust: resumes a record of the crate', async () => {
    const program = project.run(await project.add('coming-from-rust.ts', url));
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toMatch(/^resumed with 41 occurrences$/m);
    expect(program.output).toMatch(/^interval 86400000 ms from 1970-01-01T/m);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('several instances: a service that stops on %s', async (signal) => {
    const program = project.run(await project.add('service.mjs', url));
    await program.seen(/"event":"state_loaded"/);
    program.kill(signal);
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toMatch(/"event":"scheduler_stopped".*"reason":"shutdown"/);
  });

  it('several instances: takes leases of a resource', async () => {
    const program = project.run(await project.add('several-instances.ts', url));
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toMatch(/^rebuilt with token \d+\nalone in trades-table$/m);
  });
});

describe('the conformance kit', () => {
  beforeAll(() => project.add('my-store.ts'));

  it('passes on node:test', async () => {
    const program = project.run(await project.add('my-store.node-test.mjs'), { nodeArguments: ['--test'] });
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toMatch(/pass \d\d/);
  });

  it('passes on mocha', async () => {
    const programArguments = [await project.add('my-store.mocha.mjs')];
    const program = project.run('node_modules/mocha/bin/mocha.js', { programArguments });
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toMatch(/\d\d passing/);
  });

  it('passes on jest', async () => {
    const programArguments = [await project.add('my-store.jest.test.mjs')];
    const nodeArguments = ['--experimental-vm-modules'];
    const program = project.run('node_modules/jest/bin/jest.js', { nodeArguments, programArguments });
    expect(await program.ended, program.output).toBe(0);
    expect(program.output).toMatch(/Tests: +\d\d passed/);
  });

  it('finds a store that is broken', async () => {
    const compared = 'if (this.table.rows.get(state.jobId)?.version !== expected)';
    await project.add('my-store.ts', { [compared]: 'if (false)' });
    const program = project.run('my-store.node-test.mjs', { nodeArguments: ['--test'] });
    expect(await program.ended).toBe(1);
    expect(program.output).toMatch(
      /not ok \d+ - compare_and_set: refuses an old revision|✖ compare_and_set: refuses an old revision/,
    );
  });
});
