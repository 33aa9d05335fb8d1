// #region store
import { stateStoreConformance } from '@cloudiful-scheduler/testkit';
import { describe, test } from 'vitest';
import { MyStore } from './my-store.js';

describe('MyStore', () => {
  const cases = stateStoreConformance({
    create: () => new MyStore(),
    open: (first) => new MyStore(first.table),
    dispose: (store) => store.close(),
  });
  for (const { layer, name, run } of cases) test(`${layer}: ${name}`, run);
});
// #endregion

// #region guard
import {
  executionGuardConformance,
  ManualClock,
} from '@cloudiful-scheduler/testkit';
import { LeaseTables, MyGuard } from './my-guard.js';

describe('MyGuard', () => {
  const clock = new ManualClock();
  const cases = executionGuardConformance({
    create: () =>
      new MyGuard(new LeaseTables(() => clock.monotonic()), 1_000, 5_000),
    open: (first) => new MyGuard(first.tables, 1_000, 5_000),
    advance: (ms) => clock.advance(ms), // with a real server: wait, and take short times
    completedTtlMs: 5_000,
  });
  for (const { layer, name, run } of cases) test(`${layer}: ${name}`, run);
});
// #endregion

// #region schedule
import { scheduleConformance } from '@cloudiful-scheduler/testkit';
import { workingDays } from './my-schedule.js';

describe('workingDays', () => {
  const cases = scheduleConformance({
    create: () => workingDays(9, ['2026-12-25', '2026-01-01']),
    from: new Date('2025-12-30T00:00:00Z'),
  });
  for (const { layer, name, run } of cases) test(`${layer}: ${name}`, run);
});
// #endregion

// #region preview
import { nextOccurrences } from '@cloudiful-scheduler/core';
import { expect } from 'vitest';

test('leaves out weekends and holidays', () => {
  const schedule = workingDays(9, ['2026-01-01']);
  const dates = nextOccurrences(schedule, {
    count: 3,
    after: new Date('2025-12-31T12:00:00Z'),
  });
  expect(dates.map((date) => date.toISOString())).toEqual([
    '2026-01-02T09:00:00.000Z', // Friday
    '2026-01-05T09:00:00.000Z', // Monday
    '2026-01-06T09:00:00.000Z',
  ]);
});
// #endregion
