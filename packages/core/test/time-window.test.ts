import { describe, expect, it } from 'vitest';
import { START, World } from './fixtures.js';

/** From one to three seconds after {@link START}, which is midnight. */
const timeWindow = { segments: [{ start: '00:00:01', end: '00:00:03' }] };

describe('a time window', () => {
  it('consumes, skips and reports what comes due outside', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ timeWindow, maxRuns: 4 }));
    await world.clock.advance(4_000);
    expect(world.scheduled).toEqual([1_000, 2_000]);
    expect(world.skips).toEqual(['outside_time_window 1', 'outside_time_window 1']);
    const report = await handle.finished;
    expect(report).toMatchObject({
      lastSkipReason: 'outside_time_window',
      state: { triggerCount: 4, inFlight: [] },
    });
  });

  it('without a time zone is in that of the job, else in that of the scheduler', async () => {
    const world = new World();
    const segments = [{ start: '08:00:01', end: '08:00:03' }];
    const scheduler = world.scheduler({ timezone: 'Asia/Tokyo' });
    scheduler.start(world.job({ timeWindow: { segments }, timezone: 'Asia/Shanghai' }));
    scheduler.start(world.job({ id: 'nine hours ahead', timeWindow: { segments } }));
    await world.clock.advance(4_000);
    expect(world.runs.map(({ run }) => [run.jobId, run.timezone])).toEqual([
      ['job', 'Asia/Shanghai'],
      ['job', 'Asia/Shanghai'],
    ]);
  });

  it('is checked again when a queued run begins', async () => {
    const world = new World();
    const job = world.job({ timeWindow, overlapPolicy: 'queue_one', takesMs: 2_500, maxRuns: 2 });
    const handle = world.scheduler().start(job);
    await world.clock.advance(4_000);
    expect(world.observer.ofType('trigger_emitted').map(({ queued }) => queued)).toEqual([false, true]);
    expect(world.scheduled).toEqual([1_000]);
    expect(world.skips).toEqual(['outside_time_window 1']);
    expect((await handle.finished).state.inFlight).toEqual([]);
  });

  it('holds for a catch-up and for a manual run', async () => {
    const first = new World();
    const stopped = first.scheduler().start(first.job({ timeWindow }));
    await stopped.started;
    await stopped.cancel();
    const world = new World(first.store, START + 10_500);
    const handle = world.scheduler().start(world.job({ timeWindow }));
    await world.clock.advance(100);
    expect(world.skips).toEqual(['outside_time_window 10']);
    await handle.trigger();
    await world.clock.advance(100);
    expect(world.runs).toEqual([]);
    expect(world.skips.at(-1)).toBe('outside_time_window 1');
  });
});

it('names the first of what was merged before it was dropped', async () => {
  const world = new World();
  const stepped = {
    kind: 'stepped',
    fingerprint: 'stepped',
    first: (now: number) => now + 1_000,
    next: (after: number) => after + 1_000,
  };
  const never = { contains: () => false };
  const handle = world.scheduler().start(world.job({ schedule: stepped, timeWindow: never }));
  await handle.started;
  world.clock.jump(5_000_000);
  await world.clock.advance(1_500);
  const [skipped] = world.observer.ofType('run_skipped');
  expect(skipped).toMatchObject({
    count: 5_001,
    firstScheduledAt: new Date(START + 1_000),
    scheduledAt: new Date(START + 5_001_000),
  });
});
