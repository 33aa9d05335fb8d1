import { describe, expect, it } from 'vitest';
import { runExample, startExample } from '../start-example.js';

const program = (file: string): URL => new URL(file, import.meta.url);

async function startServer(port = '0'): Promise<{ url: string; kill(): Promise<unknown> }> {
  const server = startExample(program('kv-server.mjs'), { env: { KV_PORT: port } });
  const [, url = ''] = await server.seen(/^key\/value service at (\S+)$/m);
  return {
    url,
    kill: () => {
      server.kill('SIGKILL');
      return server.ended;
    },
  };
}

const startJob = (url: string, taskMs: number) =>
  startExample(program('main.mjs'), { env: { KV_URL: url, TASK_MS: String(taskMs) } });

describe('a store over HTTP', () => {
  it('keeps the promises of a store, as node:test finds', async () => {
    const output = await runExample(program('http-state-store.test.mjs'), {
      nodeArgs: ['--test', '--test-reporter=tap'],
    });
    expect(output).toMatch(/^# pass [1-9]\d$/m);
    expect(output).toMatch(/^# fail 0$/m);
  });

  it('has the interrupted run of a killed process for the next one', async () => {
    const { url } = await startServer();
    const first = startJob(url, 60_000);
    await first.seen(/^run 1 begins, attempt 1$/m);
    expect(first.output()).toMatch(/^state new: 0 consumed, 0 in flight$/m);
    first.kill('SIGKILL');
    await first.ended;

    const second = startJob(url, 100);
    await second.seen(/^state restored: [1-9]\d* consumed, 1 in flight$/m);
    await second.seen(/^run 1 begins, attempt 2\nrun 1 is done$/m);
    await second.seen(/^run (?!1 )\d+ is done$/m);
    second.kill('SIGTERM');
    expect(await second.ended).toEqual({ code: 0, signal: null });
    expect(second.output()).toMatch(/^ended by shutdown after \d+ occurrences$/m);
  });

  it('lets the job wait while the service is down, and go on when it is back without its data', async () => {
    const server = await startServer();
    const job = startJob(server.url, 1);
    await job.seen(/^run 1 is done$/m);
    await server.kill();
    await job.seen(/^waiting: The service does not answer$/m);
    await startServer(new URL(server.url).port);
    await job.seen(/^the store answers again$/m);
    await job.seen(/^repaired: record_lost$/m);
    await job.seen(/answers again[^]*run \d+ is done$/m);
    expect(job.output().match(/^run 1 begins/gm)).toHaveLength(1);
  });
});
