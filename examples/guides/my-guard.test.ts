import {
  executionGuardConformance,
  ManualClock,
} from '@cloudiful-scheduler/testkit';
import { describe, test } from 'vitest';
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
