import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { pinoObserver } from '@cloudiful-scheduler/observer-pino';
import { fastify, type FastifyPluginAsync } from 'fastify';
import { describe, expect, it } from 'vitest';
import { startExample } from '../start-example.js';

async function start(taskMs: number) {
  const service = startExample(new URL('main.mjs', import.meta.url), {
    env: { PORT: '0', TASK_MS: String(taskMs) },
  });
  const [, url = ''] = await service.seen(/Server listening at (http:[^"]+)"/);
  const job = `${url}/jobs/refresh-prices`;
  const trigger = () => fetch(`${job}/trigger`, { method: 'POST' });
  const logged = () =>
    service
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...service, url, job, trigger, logged };
}

describe('a Fastify service with a job', () => {
  it('runs the job when asked to, and tells of its runs', async () => {
    const service = await start(1);
    expect(await (await fetch(service.job)).json()).toMatchObject({ status: 'waiting', recentRuns: [] });
    const answer = await service.trigger();
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ status: 'triggered', queued: false });
    await service.seen(/"event":"run_completed".*\n/);
    expect(await (await fetch(service.job)).json()).toMatchObject({
      jobId: 'refresh-prices',
      status: 'waiting',
      recentRuns: [{ status: 'success', manual: true, attempt: 1 }],
    });
    expect((await fetch(`${service.url}/jobs/other`)).status).toBe(404);
    expect((await fetch(`${service.url}/jobs/other/trigger`, { method: 'POST' })).status).toBe(404);
  });

  it('logs requests and events in one place', async () => {
    const service = await start(1);
    await service.trigger();
    await service.seen(/"event":"run_completed".*\n/);
    await service.seen(/"msg":"request completed".*\n/);
    service.kill('SIGTERM');
    await service.ended;
    const lines = service.logged();
    expect(new Set(lines.map((line) => line['name']))).toEqual(new Set(['shop']));
    expect(lines).toContainEqual(expect.objectContaining({ reqId: 'req-1', msg: 'incoming request' }));
    expect(lines).toContainEqual(
      expect.objectContaining({ component: 'jobs', event: 'run_completed', status: 'success', manual: true }),
    );
  });

  it('refuses a second run meanwhile, and lets the first one finish when it is asked to stop', async () => {
    const service = await start(5_000);
    expect((await service.trigger()).status).toBe(202);
    const second = await service.trigger();
    expect(second.status).toBe(409);
    expect(await second.json()).toEqual({ status: 'skipped', reason: 'overlap' });
    service.kill('SIGTERM');
    expect(await service.ended).toEqual({ code: 0, signal: null });
    const events = service.logged().map(({ event, msg }) => event ?? msg);
    expect(events.indexOf('prices refreshed')).toBeGreaterThan(0);
    expect(events.slice(events.indexOf('prices refreshed'))).toEqual([
      'prices refreshed',
      'run_completed',
      'scheduler_stopped',
    ]);
  });

  it('runs it without lines when the server has no logger', async () => {
    const { schedulerPlugin } = (await import(new URL('scheduler-plugin.mjs', import.meta.url).href)) as {
      schedulerPlugin: FastifyPluginAsync<{ readonly jobs: readonly object[] }>;
    };
    const app = fastify();
    await app.register(schedulerPlugin, { jobs: [refreshPrices] });
    expect((await app.inject({ method: 'POST', url: '/jobs/refresh-prices/trigger' })).statusCode).toBe(202);
    await app.close();
  });
});

const refreshPrices = defineJob({ id: 'refresh-prices', schedule: every({ hours: 1 }), task: () => {} });

it("the observer takes Fastify's log as it is typed", async () => {
  const lines: string[] = [];
  const app = fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
  const scheduler = new Scheduler({ observers: [pinoObserver(app.log), pinoObserver(app.log.child({}))] });
  await scheduler.start(refreshPrices).started;
  await scheduler.shutdown();
  expect(lines.filter((line) => line.includes('"event":"state_loaded"'))).toHaveLength(2);
  expect(() => pinoObserver(app.log, { levels: { paused: 'audit' } })).toThrow('levels.paused');
});
