import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, every, InMemoryStateStore, Scheduler } from '@cloudiful-scheduler/core';
import { FileStateStore } from '@cloudiful-scheduler/store-file';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';
import { Queue } from 'bullmq';
import { Redis } from 'iovalkey';
import { startServer } from '../harness/server.mjs';

export const title = 'Starting 10,000 jobs';
export const about = [
  'The first start makes a record for each job; the second finds them. Until every job has loaded its state and knows its',
  'next run. BullMQ upserts its job schedulers both times.',
];
export const columns = { first: 'first start, ms', second: 'second start, ms' };
export const plot = { column: 'second', better: 'less' };
export const rounds = 1;
export const timeoutMs = 120_000;

const JOBS = 10_000;

export const contestants = {
  'ours, in memory': { measure: () => startTwice(new InMemoryStateStore({ shared: true })) },
  'ours, files': {
    async measure() {
      const directory = await mkdtemp(join(tmpdir(), 'start-up-'));
      try {
        return await startTwice(new FileStateStore(directory));
      } finally {
        await rm(directory, { recursive: true });
      }
    },
  },
  'ours, Valkey': {
    async measure() {
      const { port } = await startServer();
      return startTwice(new ValkeyStateStore({ client: new Redis({ port, host: '127.0.0.1' }) }));
    },
  },
  'BullMQ, Valkey': {
    async measure() {
      const { port } = await startServer();
      const queue = new Queue('bench', { connection: { port, host: '127.0.0.1' } });
      const upsert = () =>
        timed(() =>
          Promise.all(
            Array.from({ length: JOBS }, (_, index) =>
              queue.upsertJobScheduler(`job-${index}`, { every: 3_600_000 }, { name: 'job' }),
            ),
          ),
        );
      return { first: await upsert(), second: await upsert() };
    },
  },
};

async function startTwice(store) {
  const start = async () => {
    const scheduler = new Scheduler({ store });
    const took = await timed(async () => {
      const handles = Array.from({ length: JOBS }, (_, index) =>
        scheduler.start(defineJob({ id: `job-${index}`, schedule: every({ hours: 1 }), task: () => {} })),
      );
      await Promise.all(handles.map(({ started }) => started));
    });
    await scheduler.shutdown({ graceMs: 0 });
    return took;
  };
  return { first: await start(), second: await start() };
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
