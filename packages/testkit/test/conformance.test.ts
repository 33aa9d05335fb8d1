import type { StateStore } from '@cloudiful-scheduler/core';
import { every } from '@cloudiful-scheduler/core';
import { describe, expect, it } from 'vitest';
import type { ConformanceCase } from '../src/conformance/conformance-case.js';
import { executionGuardConformance } from '../src/conformance/execution-guard.js';
import { scheduleConformance } from '../src/conformance/schedule.js';
import { stateStoreConformance } from '../src/conformance/state-store.js';
import { BROKEN_GUARDS, clock, completedTtlMs, RightGuard } from './broken-guards.js';
import { BROKEN_SCHEDULES } from './broken-schedules.js';
import { BROKEN_SHARED_STORES, BROKEN_STORES, MapStore } from './broken-stores.js';

/** The cases that fail, and how. */
async function failures(cases: readonly ConformanceCase[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { layer, name, run } of cases) {
    await run().catch((error: unknown) => failed.push(`${layer}: ${name}: ${String(error)}`));
  }
  return failed;
}

const openMapStore = (store: unknown) => new MapStore((store as MapStore).records);
const advance = (ms: number) => clock.advance(ms);

describe('state stores', () => {
  it('a right one passes', async () => {
    const cases = stateStoreConformance({ create: () => new MapStore(), open: openMapStore });
    expect(new Set(cases.map(({ layer }) => layer))).toEqual(
      new Set(['records', 'compare_and_set', 'isolation', 'deletion', 'shared', 'durable']),
    );
    expect(await failures(cases)).toEqual([]);
  });

  it.each(Object.entries(BROKEN_STORES))('one that %s fails', async (_, Store) => {
    expect(await failures(stateStoreConformance({ create: () => new Store() }))).not.toEqual([]);
  });

  it.each(Object.entries(BROKEN_SHARED_STORES))('a second one that %s fails', async (_, open) => {
    const cases = stateStoreConformance({
      create: (): StateStore => new MapStore(),
      open: (first) => open(first as MapStore),
    });
    const failed = await failures(cases);
    expect(failed).not.toEqual([]);
    expect(failed.every((one) => /^(shared|durable)/.test(one))).toBe(true);
  });

  it('is disposed of after each case, also when it fails', async () => {
    let open = 0;
    const Store = BROKEN_STORES['ignores the expected revision'] as new () => MapStore;
    const cases = stateStoreConformance({
      create: () => {
        open += 1;
        return new Store();
      },
      dispose: () => {
        open -= 1;
      },
    });
    await failures(cases);
    expect(open).toBe(0);
  });
});

describe('execution guards', () => {
  it('a right one passes', async () => {
    const create = () => new RightGuard();
    expect(
      await failures(executionGuardConformance({ create, advance, completedTtlMs, open: (first) => first })),
    ).toEqual([]);
  });

  it.each(Object.entries(BROKEN_GUARDS))('one that %s fails', async (_, Guard) => {
    const cases = executionGuardConformance({ create: () => new Guard(), advance, completedTtlMs });
    expect(await failures(cases)).not.toEqual([]);
  });

  it('a second one that knows nothing of the first fails', async () => {
    const create = () => new RightGuard();
    const cases = executionGuardConformance({ create, advance, completedTtlMs, open: create });
    expect(await failures(cases)).toHaveLength(1);
  });
});

describe('schedules', () => {
  it('a right one passes', async () => {
    expect(await failures(scheduleConformance({ create: () => every(7_000) }))).toEqual([]);
  });

  it.each(Object.entries(BROKEN_SCHEDULES))('one that %s fails', async (_, create) => {
    expect(await failures(scheduleConformance({ create }))).not.toEqual([]);
  });
});
