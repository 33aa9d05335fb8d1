// Counts that must not go up. They do not depend on how fast or how busy the machine is.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type Clock,
  defineJob,
  every,
  type ExecutionGuard,
  InMemoryExecutionGuard,
  InMemoryStateStore,
  Scheduler,
  type StateStore,
} from '@cloudiful-scheduler/core';
import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';
import { ManualClock } from '@cloudiful-scheduler/testkit';
import { isSkipped, ownServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { buildSync } from 'esbuild';
import { Redis } from 'iovalkey';
import { describe, expect, it, vi } from 'vitest';

const CYCLES = 100;

/** Counts the timers that are set. */
class CountingClock implements Clock {
  timers = 0;

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  monotonic(): number {
    return this.clock.monotonic();
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    this.timers += 1;
    return this.clock.setTimer(delayMs, callback);
  }
}

/** Runs one job as often as `CYCLES` says, one occurrence after another has been committed. */
async function runCycles(
  clock: ManualClock,
  options: { readonly clock?: Clock; readonly store?: StateStore; readonly guard?: ExecutionGuard },
  onStarted: () => void | Promise<void>,
): Promise<void> {
  let ran = 0;
  const scheduler = new Scheduler({ clock, ...options });
  const handle = scheduler.start(
    defineJob({ id: 'job', schedule: every({ seconds: 1 }), task: () => void (ran += 1) }),
  );
  await handle.started;
  await onStarted();
  for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
    await clock.advance(1_000);
    await expect
      .poll(() => [ran, handle.snapshot().active], { timeout: 20_000, interval: 1 })
      .toEqual([cycle, 0]);
  }
  await expect.poll(() => handle.snapshot().status).toBe('waiting');
}

/** What a run asks of store and clock. */
async function countCycles(guard?: ExecutionGuard): Promise<{ saves: number; timers: number }> {
  const clock = new ManualClock();
  const inMemory = new InMemoryStateStore();
  let saves = 0;
  const counting = new CountingClock(clock);
  const store: StateStore = {
    shared: false,
    load: (id) => inMemory.load(id),
    save(state, expected) {
      saves += 1;
      return inMemory.save(state, expected);
    },
    delete: (id) => inMemory.delete(id),
  };
  await runCycles(clock, { clock: counting, store, ...(guard === undefined ? {} : { guard }) }, () => {
    saves = 0;
    counting.timers = 0;
  });
  return { saves: saves / CYCLES, timers: counting.timers / CYCLES };
}

describe('a run', () => {
  it('takes two saves, the claim and the commit, and two timers', async () => {
    const { saves, timers } = await countCycles();
    expect(saves).toBeLessThanOrEqual(2);
    expect(timers).toBeLessThanOrEqual(2);
  });

  it('takes one timer where other jobs wait', async () => {
    const clock = new ManualClock();
    const counting = new CountingClock(clock);
    const scheduler = new Scheduler({ clock: counting });
    let ran = 0;
    for (let index = 0; index < CYCLES; index += 1) {
      const schedule = every({ seconds: 1 }, { anchor: new Date(clock.now() + 10 * index) });
      scheduler.start(defineJob({ id: `job-${index}`, schedule, task: () => void (ran += 1) }));
    }
    await clock.advance(1_000);
    counting.timers = 0;
    ran = 0;
    await clock.advance(10_000);
    expect(ran).toBe(10 * CYCLES);
    expect(counting.timers).toBeLessThanOrEqual(1.1 * ran);
  });

  it('takes one timer more with a guard', async () => {
    const { saves, timers } = await countCycles(new InMemoryExecutionGuard());
    expect(saves).toBeLessThanOrEqual(2);
    expect(timers).toBeLessThanOrEqual(3);
  });

  const flavour = ownServer();
  it.skipIf(isSkipped(flavour))('takes four commands with store and guard on a server', async () => {
    const server = await TestServer.start({ program: flavour.name });
    const client = new Redis(server.url);
    try {
      const sent = vi.spyOn(client, 'sendCommand');
      await runCycles(
        new ManualClock(),
        { store: new ValkeyStateStore({ client }), guard: new ValkeyExecutionGuard({ client }) },
        () => void sent.mockClear(),
      );
      // Besides, each of the guard's two scripts is sent once more, until the server knows it.
      expect(sent.mock.calls.length).toBeGreaterThan(CYCLES);
      expect(sent.mock.calls.length).toBeLessThanOrEqual(4 * CYCLES + 4);
    } finally {
      client.disconnect();
      await server.stop();
    }
  });

  it.skipIf(isSkipped(flavour))('takes less than one command when many jobs are due at once', async () => {
    const server = await TestServer.start({ program: flavour.name });
    const client = new Redis(server.url);
    const clock = new ManualClock();
    const store = new ValkeyStateStore({ client });
    const scheduler = new Scheduler({ clock, store, guard: new ValkeyExecutionGuard({ client }) });
    let ran = 0;
    const handles = Array.from({ length: 64 }, (_, index) =>
      scheduler.start(
        defineJob({ id: `job-${index}`, schedule: every({ seconds: 1 }), task: () => void (ran += 1) }),
      ),
    );
    const allRan = (times: number) =>
      expect
        .poll(() => handles.filter((handle) => handle.snapshot().status === 'waiting').length + ran, {
          timeout: 20_000,
          interval: 1,
        })
        .toBe(64 + 64 * times);
    try {
      await Promise.all(handles.map(({ started }) => started));
      await clock.advance(1_000);
      await allRan(1);
      const sent = vi.spyOn(client, 'sendCommand');
      await clock.advance(1_000);
      await allRan(2);
      expect(sent.mock.calls.length).toBeGreaterThanOrEqual(4);
      expect(sent.mock.calls.length).toBeLessThan(64);
    } finally {
      client.disconnect();
      await server.stop();
    }
  });
});

/** Bundles a program of the harness, runs it in a process of its own, and reads the numbers that it prints. */
function measureHeap(program: URL): number[] {
  const code = buildSync({
    entryPoints: [fileURLToPath(program)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  }).outputFiles[0]?.text;
  // New objects have so much room that no collection comes between two looks at the heap.
  const room = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
  const args = ['--expose-gc', ...room, '--input-type=module'];
  return execFileSync(process.execPath, args, { input: code, encoding: 'utf8' })
    .trim()
    .split(' ')
    .map(Number);
}

describe('heap', () => {
  it('of an idle job is at most 1,400 bytes', () => {
    const [bytes] = measureHeap(new URL('./harness/idle-heap.ts', import.meta.url));
    expect(bytes).toBeGreaterThan(100);
    expect(bytes).toBeLessThanOrEqual(1_400);
  });

  it('that a run takes is at most 10,000 bytes, and it leaves nothing', () => {
    const [taken, left] = measureHeap(new URL('./harness/run-heap.ts', import.meta.url));
    expect(taken).toBeGreaterThan(1_000);
    expect(taken).toBeLessThanOrEqual(10_000);
    expect(left).toBeLessThanOrEqual(2_000);
  });
});
