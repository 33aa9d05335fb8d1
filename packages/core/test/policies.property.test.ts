import { ManualClock, RecordingObserver } from '@cloudiful-scheduler/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../src/define-job.js';
import { Scheduler } from '../src/engine/scheduler.js';
import type { SchedulerEvent } from '../src/events.js';
import type { Schedule } from '../src/schedule.js';
import { atTimes } from '../src/schedules/at-times.js';
import { expectedLog, type ModelJob } from './reference-model.js';

const START = Date.parse('2026-01-01T00:00:00Z');

/** Runs never end in the same millisecond as an occurrence comes due, so the order of events is certain. */
const modelJobs: fc.Arbitrary<ModelJob> = fc.record({
  times: fc
    .uniqueArray(fc.integer({ min: -20, max: 40 }), { minLength: 0, maxLength: 25 })
    .map((seconds) => seconds.sort((a, b) => a - b).map((second) => second * 1_000)),
  durations: fc.array(
    fc.integer({ min: 0, max: 8 }).map((seconds) => seconds * 1_000 + 7),
    { minLength: 1, maxLength: 5 },
  ),
  missedRunPolicy: fc.constantFrom('skip', 'catch_up_once', 'replay_all'),
  overlapPolicy: fc.constantFrom('forbid', 'queue_one', 'allow_parallel'),
  lateToleranceMs: fc.constantFrom(0, 500, 1_000, 5_000),
  replayLimit: fc.constantFrom(1, 2, 5, 1_000),
  catchUpWithinMs: fc.option(fc.constantFrom(0, 500, 3_000, 10_000), { nil: undefined }),
  maxRuns: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
});

async function run(
  model: ModelJob,
  schedule: Schedule,
): Promise<{ log: string[]; events: SchedulerEvent[] }> {
  const clock = new ManualClock(START);
  const observer = new RecordingObserver();
  let runs = 0;
  const job = defineJob({
    id: 'job',
    schedule,
    task: () => {
      const duration = model.durations[runs % model.durations.length] as number;
      runs += 1;
      return new Promise<void>((resolve) => clock.setTimer(duration, resolve));
    },
    missedRunPolicy: model.missedRunPolicy,
    overlapPolicy: model.overlapPolicy,
    replayLimit: model.replayLimit,
    catchUpWithinMs: model.catchUpWithinMs,
    maxRuns: model.maxRuns,
  });
  const scheduler = new Scheduler({ clock, observers: [observer], lateToleranceMs: model.lateToleranceMs });
  const handle = scheduler.start(job);
  for (let second = 0; second < 600 && handle.snapshot().status !== 'stopped'; second += 1) {
    await clock.advance(1_000);
  }
  const report = await handle.finished;
  expect(report.state.triggerCount).toBe(
    Math.min(model.times.length, model.maxRuns ?? Number.POSITIVE_INFINITY),
  );
  return { log: logOf(observer.events, model.times), events: observer.events };
}

/** One line per occurrence, and a check that each is disposed of exactly once and in order. */
function logOf(events: readonly SchedulerEvent[], times: readonly number[]): string[] {
  const log: string[] = [];
  let consumed = 0;
  const take = (count: number, last: Date): readonly number[] => {
    const taken = times.slice(consumed, consumed + count);
    consumed += count;
    expect(taken[taken.length - 1]).toBe(last.getTime() - START);
    return taken;
  };
  for (const event of events) {
    if (event.type === 'run_skipped') {
      for (const time of take(event.count, event.scheduledAt)) log.push(`${time} skipped ${event.reason}`);
    } else if (event.type === 'trigger_emitted') {
      for (const time of take(event.coalesced + 1, event.scheduledAt).slice(0, -1))
        log.push(`${time} coalesced`);
    } else if (event.type === 'run_started') {
      expect(event.at.getTime()).toBeGreaterThanOrEqual(event.scheduledAt.getTime());
      const time = event.scheduledAt.getTime() - START;
      log.push(`${time} runs at ${event.at.getTime() - START}${event.catchUp ? ' to catch up' : ''}`);
    }
  }
  return log;
}

function mostActive(events: readonly SchedulerEvent[]): number {
  let active = 0;
  let most = 0;
  for (const { type } of events) {
    if (type === 'run_started') active += 1;
    if (type === 'run_completed') active -= 1;
    most = Math.max(most, active);
  }
  return most;
}

describe('the engine does what the reference says', () => {
  it('with a schedule that knows what is due', async () => {
    await fc.assert(
      fc.asyncProperty(modelJobs, async (model) => {
        const schedule = atTimes(model.times.map((time) => new Date(START + time)));
        const { log, events } = await run(model, schedule);
        expect(log).toEqual(expectedLog(model));
        if (model.overlapPolicy !== 'allow_parallel') expect(mostActive(events)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2_000 },
    );
  });

  it('with a schedule that has to be stepped through, and the same log each time', async () => {
    await fc.assert(
      fc.asyncProperty(modelJobs, async (model) => {
        const times = [...model.times].map((time) => START + time);
        const schedule: Schedule = {
          kind: 'listed',
          fingerprint: 'listed',
          first: () => times[0],
          next: (after) => times.find((time) => time > after),
        };
        const { log, events } = await run(model, schedule);
        expect(log).toEqual(expectedLog(model));
        expect((await run(model, schedule)).events).toEqual(events);
      }),
      { numRuns: 1_000 },
    );
  });
});
