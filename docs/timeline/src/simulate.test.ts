import { atTimes, every } from '@cloudiful-scheduler/core';
import { describe, expect, it } from 'vitest';
import { occurrencesOf } from './occurrences.js';
import type { Scenario } from './scenario.js';
import { simulate } from './simulate.js';

const MINUTE = 60_000;
const start = new Date('2026-03-02T09:00:00Z');
const usual: Scenario = { start, spanMs: 30 * MINUTE, schedule: every({ minutes: 5 }), taskMs: MINUTE };
const minutes = (instant: number): number => (instant - start.getTime()) / MINUTE;

async function outcome(changes: Partial<Scenario>): Promise<string[]> {
  const timeline = await simulate({ ...usual, ...changes });
  return occurrencesOf(timeline).map(({ scheduledAt, disposition, reason }) =>
    `${minutes(scheduledAt)} ${disposition} ${reason ?? ''}`.trim(),
  );
}

describe('simulate', () => {
  it('notes due occurrences and runs', async () => {
    const timeline = await simulate(usual);
    expect(timeline.due.map(minutes)).toEqual([5, 10, 15, 20, 25]);
    expect(timeline.runs.map(({ startedAt, endedAt }) => [minutes(startedAt), minutes(endedAt)])).toEqual(
      [5, 10, 15, 20, 25].map((minute) => [minute, minute + 1]),
    );
  });

  it('finds one disposition for each occurrence of an outage', async () => {
    const outages = [{ fromMs: 7 * MINUTE, toMs: 22 * MINUTE, kind: 'stop' as const }];
    expect(await outcome({ outages, missedRunPolicy: 'skip' })).toEqual([
      '5 run',
      '10 skipped missed',
      '15 skipped missed',
      '20 skipped missed',
      '25 run',
    ]);
    expect(await outcome({ outages, missedRunPolicy: 'catch_up_once' })).toEqual([
      '5 run',
      '10 coalesced',
      '15 coalesced',
      '20 run',
      '25 run',
    ]);
  });

  it('runs again what a crash interrupted, and lets a clean stop finish', async () => {
    const outage = { fromMs: 5.5 * MINUTE, toMs: 8 * MINUTE };
    const crashed = await simulate({ ...usual, spanMs: 10 * MINUTE, outages: [outage] });
    expect(crashed.runs).toMatchObject([
      { outcome: 'interrupted', attempt: 1 },
      { outcome: 'success', attempt: 2 },
    ]);
    const stopped = await simulate({ ...usual, spanMs: 10 * MINUTE, outages: [{ ...outage, kind: 'stop' }] });
    expect(stopped.runs).toMatchObject([{ outcome: 'success', attempt: 1 }]);
  });

  it('lets another instance take over when the lease has run out', async () => {
    const first = (await simulate({ ...usual, instances: 2 })).runs[0]?.instance ?? Number.NaN;
    const outages = [{ fromMs: 5.5 * MINUTE, toMs: 60 * MINUTE, instance: first }];
    const [interrupted, takenOver] = (await simulate({ ...usual, instances: 2, outages })).runs;
    expect(interrupted).toMatchObject({ instance: first, outcome: 'interrupted' });
    expect(takenOver).toMatchObject({ instance: 1 - first, outcome: 'success', attempt: 2 });
  });

  it('knows when the time window is closed, and what then is skipped', async () => {
    const timeWindow = { segments: [{ start: '09:04:30', end: '09:15' }] };
    expect((await outcome({ timeWindow })).slice(1, 4)).toEqual([
      '10 run',
      '15 skipped outside_time_window',
      '20 skipped outside_time_window',
    ]);
    const { closed } = await simulate({ ...usual, timeWindow });
    expect(closed.map(({ from, to }) => [minutes(from), minutes(to)])).toEqual([
      [0, 4.5],
      [15, 30],
    ]);
  });

  it('gives the same timeline again', async () => {
    const scenario: Scenario = { ...usual, instances: 3, taskMs: 7 * MINUTE, overlapPolicy: 'queue_one' };
    expect(await simulate(scenario)).toEqual(await simulate(scenario));
  });

  it('ends early when nobody waits for it any more', async () => {
    const controller = new AbortController();
    const running = simulate({ ...usual, spanMs: 900 * MINUTE }, controller.signal);
    controller.abort(new Error('no longer wanted'));
    await expect(running).rejects.toThrow('no longer wanted');
  });

  it('refuses what nobody could read', async () => {
    await expect(simulate({ ...usual, schedule: every(1_000) })).rejects.toThrow('too many to draw');
    const timeline = await simulate({ ...usual, schedule: atTimes([]) });
    expect(timeline).toMatchObject({ due: [], runs: [] });
  });
});
