import { describe, expect, it } from 'vitest';
import { atTimes } from '../src/schedules/at-times.js';
import { every } from '../src/schedules/every.js';
import { START, World } from './fixtures.js';
import { GuardedWorld, shared } from './guarded-world.js';

const DELETE = { terminalStatePolicy: 'delete' } as const;

describe('a record that vanished, where the records of finished jobs are removed', () => {
  it('is written again while a run is in it, and the run goes on', async () => {
    const world = new GuardedWorld(shared());
    const scheduler = world.scheduler({ ...DELETE, guard: world.guard });
    const handle = scheduler.start(world.job({ takesMs: 2_500, maxRuns: 4 }));
    await world.clock.advance(1_500);
    await world.store.delete('job');
    await world.clock.advance(8_000);
    expect(world.runs.map(({ signal }) => signal.aborted)).not.toContain(true);
    expect(world.scheduled).toEqual([1_000, 4_000]);
    expect(world.observer.ofType('state_repaired')).toMatchObject([{ reason: 'record_lost' }]);
    expect((await handle.finished).state).toMatchObject({ triggerCount: 4, inFlight: [] });
    expect(await world.store.load('job')).toBeUndefined();
  });

  it('is written again though the run in it is the last one, and is removed after it', async () => {
    const world = new GuardedWorld(shared());
    const scheduler = world.scheduler({ ...DELETE, guard: world.guard });
    const handle = scheduler.start(world.job({ takesMs: 2_000, maxRuns: 1 }));
    await world.clock.advance(1_500);
    await world.store.delete('job');
    await world.clock.advance(3_000);
    expect((await handle.finished).history).toMatchObject([{ status: 'success' }]);
    expect(await world.store.load('job')).toBeUndefined();
  });

  it.each([
    ['an interval', every(1_000)],
    ['planned times', atTimes([1, 2, 3, 4].map((second) => new Date(START + second * 1_000)))],
  ])('is written again while %s has more left than is due', async (_, schedule) => {
    const world = new World(shared());
    const handle = world.scheduler(DELETE).start(world.job({ schedule, maxRuns: 4 }));
    await world.clock.advance(2_500);
    await world.store.delete('job');
    await world.clock.advance(3_000);
    expect(world.scheduled).toEqual([1_000, 2_000, 3_000, 4_000]);
    expect(world.observer.ofType('state_repaired')).toMatchObject([{ reason: 'record_lost' }]);
    expect((await handle.finished).state.triggerCount).toBe(4);
    expect(await world.store.load('job')).toBeUndefined();
  });

  it('is written again with its shared pause', async () => {
    const world = new World(shared());
    const handle = world.scheduler(DELETE).start(world.job({ maxRuns: 100 }));
    await handle.started;
    await handle.pause({ scope: 'shared' });
    await world.store.delete('job');
    await world.clock.advance(5_000);
    expect(handle.snapshot().status).toBe('paused');
    expect((await world.store.load('job'))?.state.paused).toBe(true);
  });

  it('is not written again by a stopped instance whose run another took over', async () => {
    const world = new GuardedWorld(shared());
    const options = { ...DELETE, guard: world.guard };
    const job = world.job({ takesMs: 20_000, maxRuns: 1 });
    const stopped = world.scheduler(options).start(job);
    await world.clock.advance(1_500);
    const cancelled = stopped.cancel();
    await world.clock.advance(1_000);
    await cancelled;
    const other = world.scheduler(options).start(world.job({ maxRuns: 1 }));
    await world.clock.advance(15_000);
    expect((await other.finished).stopReason).toBe('terminal');
    await world.clock.advance(10_000);
    expect(world.runs.map(({ run }) => run.attempt)).toEqual([1, 2]);
    expect(await world.store.load('job')).toBeUndefined();
  });
});

it('a record stays until the last run in it has ended, also without a guard', async () => {
  const world = new World(shared());
  const schedule = every(1_000, { anchor: new Date(START) });
  const slow = world.scheduler(DELETE).start(world.job({ schedule, takesMs: 3_000, maxRuns: 1 }));
  await slow.started;
  const idle = world.scheduler(DELETE).start(world.job({ schedule, maxRuns: 1 }));
  await world.clock.advance(2_000);
  expect((await idle.finished).stopReason).toBe('terminal');
  expect((await world.store.load('job'))?.state.inFlight).toHaveLength(1);
  await world.clock.advance(3_000);
  expect((await slow.finished).state).toMatchObject({ inFlight: [], lastSuccessAt: new Date(START + 4_000) });
  expect(world.observer.ofType('terminal_state_deleted')).toHaveLength(1);
  expect(world.observer.ofType('state_repaired')).toEqual([]);
  expect(await world.store.load('job')).toBeUndefined();
});
