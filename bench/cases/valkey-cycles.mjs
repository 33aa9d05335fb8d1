import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'iovalkey';
import { commandsSince, startServer } from '../harness/server.mjs';
import { lateness } from '../harness/statistics.mjs';
import { wait } from '../harness/wait.mjs';

export const title = 'Persisted and guarded runs on a local Valkey';
export const about = [
  'Jobs that run again and again with the store and the guard on one server beside them, on the same two cores: claim,',
  'lease, run, release and commit of each. What several jobs ask for in one turn goes into one command. Jobs that replay',
  'a backlog begin the next run when the last was committed, and so show what one process can do. The floor is the bare',
  'client sending as many scripts that do nothing, sixty-four at a time, each with its own command. `not run` are occurrences that were merged or dropped since the last run was still going on;',
  'for BullMQ those that were asked for and did not run in the five seconds, so that a batch that falls across their',
  'edge counts too.',
];
export const columns = {
  perSecond: 'runs a second',
  asked: 'asked for',
  notRun: 'not run',
  p50: 'lateness p50, ms',
  p99: 'lateness p99, ms',
  commands: 'commands per run',
  cpu: 'CPU, %',
};
export const plot = { column: 'perSecond', better: 'more' };
export const rounds = 2;
export const timeoutMs = 90_000;

const SECONDS = 5;

export const contestants = {
  'ours, one job each 10 ms': ours(1, 10),
  'ours, 1,000 jobs each second': ours(1_000, 1_000),
  'ours, 10,000 jobs each second': ours(10_000, 1_000),
  'ours, 12,000 jobs each second': ours(12_000, 1_000),
  'ours, 16,000 jobs each second': ours(16_000, 1_000),
  'ours, 256 jobs replaying a backlog': backlog(256),
  'ours, 10,000 jobs, store only': ours(10_000, 1_000, false),
  'client, 2 scripts a run': bare(2),
  'client, 4 scripts a run': bare(4),
  'BullMQ, one scheduler each 10 ms': bullmq(1, 10),
  'BullMQ, 1,000 schedulers each second': bullmq(1_000, 1_000),
  'BullMQ, 10,000 schedulers each second': bullmq(10_000, 1_000),
};

/** Counts what happens in some seconds, once the process has warmed up. */
async function observe(client, late, skipped = () => 0) {
  await wait(3_000);
  await commandsSince(client);
  late.length = 0;
  const skippedBefore = skipped();
  const before = process.cpuUsage();
  const began = performance.now();
  await wait(SECONDS * 1_000);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const runs = [...late];
  const commands = await commandsSince(client);
  return {
    perSecond: runs.length / seconds,
    notRun: skipped() - skippedBefore,
    ...lateness(runs),
    commands: commands / runs.length,
    cpu: (user + system) / 1e4 / seconds,
  };
}

/** Counts the occurrences that were dropped or merged with another. */
class DroppedCounter {
  count = 0;

  onEvent(event) {
    if (event.type === 'run_skipped') this.count += event.count;
    else if (event.type === 'trigger_emitted') this.count += event.coalesced;
  }
}

function ours(jobs, intervalMs, guarded = true) {
  return {
    async measure() {
      const { port, client } = await startServer();
      const own = new Redis({ port, host: '127.0.0.1' });
      const late = [];
      const dropped = new DroppedCounter();
      const scheduler = new Scheduler({
        store: new ValkeyStateStore({ client: own }),
        guard: guarded ? new ValkeyExecutionGuard({ client: own }) : undefined,
        observers: [dropped],
        historyLimit: 0,
      });
      const task = ({ run }) => {
        late.push(Date.now() - run.scheduledAt.getTime());
      };
      const handles = Array.from({ length: jobs }, (_, index) => {
        const anchor = new Date(Math.floor((index * intervalMs) / jobs));
        return scheduler.start(
          defineJob({ id: `job-${index}`, schedule: every(intervalMs, { anchor }), task }),
        );
      });
      await Promise.all(handles.map(({ started }) => started));
      const found = await observe(client, late, () => dropped.count);
      return { ...found, asked: (jobs * 1_000) / intervalMs };
    },
  };
}

function backlog(jobs) {
  return {
    async measure() {
      const { port, client } = await startServer();
      const own = new Redis({ port, host: '127.0.0.1' });
      const store = new ValkeyStateStore({ client: own });
      const ran = [];
      const dropped = new DroppedCounter();
      const scheduler = new Scheduler({
        store,
        guard: new ValkeyExecutionGuard({ client: own }),
        observers: [dropped],
        historyLimit: 0,
      });
      // More than can be run while this goes on.
      const nextRunAt = new Date(Date.now() - 2 * 3_600_000);
      for (let index = 0; index < jobs; index += 1) {
        const id = `job-${index}`;
        await store.save({ jobId: id, triggerCount: 0, paused: false, inFlight: [], nextRunAt }, undefined);
        scheduler.start(
          defineJob({
            id,
            schedule: every(100),
            missedRunPolicy: 'replay_all',
            replayLimit: 1_000_000,
            task: () => ran.push(0),
          }),
        );
      }
      const { perSecond, notRun, commands, cpu } = await observe(client, ran, () => dropped.count);
      return { perSecond, notRun, commands, cpu };
    },
  };
}

function bare(scripts) {
  return {
    async measure() {
      const { port, client } = await startServer();
      const own = new Redis({ port, host: '127.0.0.1' });
      const sha1 = await own.script('LOAD', 'return 1');
      const record = 'x'.repeat(500);
      const late = [];
      const stop = new AbortController();
      const worker = async () => {
        while (!stop.signal.aborted) {
          const began = performance.now();
          for (let sent = 0; sent < scripts; sent += 1) await own.evalsha(sha1, 1, 'key', record);
          late.push(performance.now() - began);
        }
      };
      for (let count = 0; count < 64; count += 1) void worker();
      const { perSecond, commands, cpu } = await observe(client, late);
      stop.abort();
      return { perSecond, commands, cpu };
    },
  };
}

function bullmq(schedulers, intervalMs) {
  return {
    async measure() {
      const { port, client } = await startServer();
      const connection = { port, host: '127.0.0.1', maxRetriesPerRequest: null };
      const late = [];
      const queue = new Queue('bench', { connection });
      const worker = new Worker(
        'bench',
        async (job) => {
          // Its id ends in the instant that it was planned for.
          late.push(Date.now() - Number(job.id.split(':').at(-1)));
        },
        { connection, concurrency: 100, removeOnComplete: { count: 0 } },
      );
      await worker.waitUntilReady();
      for (let from = 0; from < schedulers; from += 500) {
        const ids = Array.from(
          { length: Math.min(500, schedulers - from) },
          (_, index) => `job-${from + index}`,
        );
        await Promise.all(ids.map((id) => queue.upsertJobScheduler(id, { every: intervalMs }, { name: id })));
      }
      const found = await observe(client, late);
      const asked = (schedulers * 1_000) / intervalMs;
      return { ...found, asked, notRun: Math.max(0, Math.round((asked - found.perSecond) * SECONDS)) };
    },
  };
}
