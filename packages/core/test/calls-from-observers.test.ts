import { expect, it } from 'vitest';
import type { JobHandle } from '../src/engine/job-handle.js';
import type { SchedulerEvent } from '../src/events.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';
import { START, World } from './fixtures.js';
import { GuardedWorld, shared } from './guarded-world.js';

/** Calls `act` at the first event of a type. */
function once(type: SchedulerEvent['type'], act: () => void): { onEvent(event: SchedulerEvent): void } {
  let isDone = false;
  return {
    onEvent(event) {
      if (isDone || event.type !== type) return;
      isDone = true;
      act();
    },
  };
}

it.each([
  ['a run by hand', (handle: JobHandle) => void handle.trigger()],
  [
    'a pause that ends at once',
    (handle: JobHandle) => {
      void handle.pause();
      void handle.resume();
    },
  ],
])('forbid holds for %s that is asked for while a claim is reported', async (_, act) => {
  const world = new World();
  let running = 0;
  let most = 0;
  const job = world.job({
    missedRunPolicy: 'replay_all',
    task: async () => {
      running += 1;
      most = Math.max(most, running);
      await world.wait(50);
      running -= 1;
    },
  });
  const observers = [world.observer, once('trigger_emitted', () => act(handle))];
  const handle: JobHandle = world.scheduler({ observers }).start(job);
  await handle.started;
  world.clock.jump(5_000);
  await world.clock.advance(2_000);
  expect(world.observer.ofType('run_completed').length).toBeGreaterThanOrEqual(5);
  expect(most).toBe(1);
});

it('a job that is cancelled while its state is reported says all of it before its end', async () => {
  const world = new World(new InMemoryStateStore({ shared: true }));
  const nextRunAt = new Date(START + 5_000);
  const stored = { jobId: 'job', triggerCount: 0, paused: true, inFlight: [], nextRunAt };
  await world.store.save({ ...stored, scheduleFingerprint: 'another' }, undefined);
  const observers = [world.observer, once('state_loaded', () => void handle.cancel())];
  const handle: JobHandle = world.scheduler({ observers }).start(world.job());
  await world.clock.advance(3_000);
  expect(world.observer.types()).toEqual([
    'state_loaded',
    'schedule_changed',
    'paused',
    'guard_degraded',
    'scheduler_stopped',
  ]);
});

it('a job can be started again when its end is reported', async () => {
  const world = new World();
  const job = world.job({ maxRuns: 0 });
  const started: JobHandle[] = [];
  const observers = [once('scheduler_stopped', () => void started.push(scheduler.start(job)))];
  const scheduler = world.scheduler({ observers });
  scheduler.start(job);
  await world.clock.advance(10);
  expect((await started[0]?.finished)?.stopReason).toBe('terminal');
});

it('a task that was taken over may ask for a queued run', async () => {
  const world = new GuardedWorld(shared());
  const entry = { scheduledAt: new Date(START - 5_000), catchUp: false, triggerCount: 1, attempt: 1 };
  const inFlight = [{ ...entry, owner: 'dead' }];
  const nextRunAt = new Date(START + 60_000);
  await world.store.save({ jobId: 'job', triggerCount: 1, paused: false, inFlight, nextRunAt }, undefined);
  const answers: unknown[] = [];
  const job = world.job({
    overlapPolicy: 'queue_one',
    task: ({ run }) => {
      if (!run.manual) void handle.trigger().then((answer) => answers.push(answer));
    },
  });
  const handle: JobHandle = world.scheduler({ guard: world.guard }).start(job);
  await world.clock.advance(4_000);
  expect(answers).toMatchObject([{ status: 'triggered', queued: true }]);
});
