import { defineJob, every, isSchedulerError, type JobReport, Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';
import { isSkipped, ownServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ValkeyExecutionGuard } from '../src/index.js';

const PATIENCE = { timeout: 30_000, interval: 20 };
const flavour = ownServer();

describe.skipIf(isSkipped(flavour))('instances on one server', () => {
  let server: TestServer;
  const instances: { scheduler: Scheduler; store: ValkeyStateStore; guard: ValkeyExecutionGuard }[] = [];

  beforeEach(async () => {
    server = await TestServer.start({
      program: flavour.name,
      args: ['--appendonly', 'yes', '--appendfsync', 'always'],
    });
  });

  afterEach(async () => {
    for (const { scheduler, store, guard } of instances.splice(0)) {
      await scheduler.shutdown({ graceMs: 1_000 });
      await Promise.all([store.close(), guard.close()]);
    }
    await server.stop();
  });

  function newInstance(): Scheduler {
    const endpoint = { url: server.url };
    const options = { commandTimeoutMs: 500 };
    const store = new ValkeyStateStore(endpoint, options);
    const guard = new ValkeyExecutionGuard(endpoint, { ...options, ttlMs: 2_000, renewEveryMs: 500 });
    const scheduler = new Scheduler({ store, guard });
    instances.push({ scheduler, store, guard });
    return scheduler;
  }

  it('run each occurrence once, also while the server is killed and comes back', async () => {
    const runs: number[] = [];
    const job = () =>
      defineJob({
        id: 'shared',
        schedule: every(50, { anchor: new Date(0) }),
        missedRunPolicy: 'replay_all',
        overlapPolicy: 'allow_parallel',
        maxRuns: 40,
        task: ({ run }) => {
          runs.push(run.scheduledAt.getTime());
        },
      });
    const handles = Array.from({ length: 3 }, () => newInstance().start(job()));
    await expect.poll(() => runs.length, PATIENCE).toBeGreaterThan(10);
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await server.restart();
    const reports: JobReport[] = await Promise.all(handles.map(({ finished }) => finished));
    const sorted = runs.toSorted((a, b) => a - b);
    expect(sorted).toEqual(Array.from({ length: 40 }, (_, index) => (sorted[0] as number) + index * 50));
    for (const { state, stopReason } of reports)
      expect([state.triggerCount, stopReason]).toEqual([40, 'terminal']);
  });

  it('see a shared pause within two seconds, and the resume', async () => {
    const runs: string[] = [];
    const start = (name: string) =>
      newInstance().start(
        defineJob({
          id: 'paused',
          schedule: every(50, { anchor: new Date(0) }),
          missedRunPolicy: 'skip',
          task: () => {
            runs.push(name);
          },
        }),
      );
    const [first, second] = [start('first'), start('second')];
    await expect.poll(() => runs.length, PATIENCE).toBeGreaterThan(5);
    await first.pause({ scope: 'shared' });
    await expect.poll(() => second.snapshot().status, { timeout: 3_000, interval: 20 }).toBe('paused');
    const before = runs.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(runs.length).toBeLessThanOrEqual(before + 1);
    await first.resume({ scope: 'shared' });
    await expect.poll(() => second.snapshot().status, { timeout: 3_000, interval: 20 }).not.toBe('paused');
    await expect.poll(() => runs.length, PATIENCE).toBeGreaterThan(before + 5);
  });

  it('resume a job of the Rust crate', async () => {
    const client = new Redis(server.url);
    const due = new Date(Date.now() - 60_000).toISOString().replace('Z', '123456Z');
    await client.set(
      'scheduler:job-state:rust',
      `{"job_id":"rust","trigger_count":7,"last_run_at":"2026-04-03T01:02:00.123456789Z","last_success_at":null,"next_run_at":"${due}","last_error":null}`,
    );
    const runs: boolean[] = [];
    const report = await newInstance().run(
      defineJob({
        id: 'rust',
        schedule: every(3_600_000),
        maxRuns: 8,
        task: ({ run }) => {
          runs.push(run.catchUp);
        },
      }),
    );
    expect(runs).toEqual([true]);
    expect(report.state).toMatchObject({ triggerCount: 8 });
    const record = JSON.parse((await client.get('scheduler:valkey:job-state:rust')) as string);
    expect(record).toMatchObject({ job_id: 'rust', trigger_count: 8, last_error: null });
    client.disconnect();
  });

  it('end a job whose user may not write', async () => {
    const client = new Redis(server.url);
    await client.call('ACL', 'SETUSER', 'default', '-set');
    const handle = newInstance().start(defineJob({ id: 'denied', schedule: every(10), task: () => {} }));
    const error = await handle.finished.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isSchedulerError(error, 'ERR_STORE_DENIED')).toBe(true);
    client.disconnect();
  });
});
