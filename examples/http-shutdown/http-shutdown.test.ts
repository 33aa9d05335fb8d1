import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { killExamples, startExample } from '../start-example.js';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'http-shutdown-'));
});
afterEach(async () => {
  await killExamples();
  await rm(data, { recursive: true, force: true });
});

async function start(taskMs: number) {
  const service = startExample(new URL('main.mjs', import.meta.url), {
    env: { PORT: '0', DATA_DIR: data, EVERY_MS: '1000', TASK_MS: String(taskMs), GRACE_MS: '60000' },
  });
  const [, url = ''] = await service.seen(/^health at (\S+),/m);
  return { ...service, url };
}

describe('an HTTP service with a job', () => {
  it('finishes the current run when it is asked to stop, and repeats nothing at the next start', async () => {
    const first = await start(5_000);
    await first.seen(/^run 1 begins, attempt 1$/m);
    const health = await fetch(first.url);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      healthy: true,
      jobs: [{ jobId: 'rebuild-index', status: 'running', active: 1, degraded: false }],
    });
    first.kill('SIGTERM');
    await first.seen(/^SIGTERM: no new requests, no new runs; waiting for the current run$/m);
    await expect(fetch(first.url)).rejects.toThrow('fetch failed');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(first.output()).toMatch(
      /^SIGTERM: .*\nrun 1 is done\nrebuild-index ended by shutdown, 0 in flight$/m,
    );

    const second = await start(1);
    await second.seen(/^state restored: [1-9]\d* consumed, 0 in flight$/m);
    await second.seen(/^run \d+ is done$/m);
    expect(second.output()).not.toMatch(/^run 1 begins|attempt 2/m);
  });

  it('breaks the current run off when it is asked a second time', async () => {
    const first = await start(600_000);
    await first.seen(/^run 1 begins, attempt 1$/m);
    first.kill('SIGTERM');
    await first.seen(/^SIGTERM: /m);
    first.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(first.output()).toMatch(/^run 1 is broken off: .*was cancelled$/m);
    expect(first.output()).toMatch(/^rebuild-index ended by cancelled, 0 in flight$/m);
  });
});
