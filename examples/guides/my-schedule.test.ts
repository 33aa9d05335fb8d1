import { scheduleConformance } from '@cloudiful-scheduler/testkit';
import { describe, test } from 'vitest';
import { workingDays } from './my-schedule.js';

describe('workingDays', () => {
  const cases = scheduleConformance({
    create: () => workingDays(9, ['2026-12-25', '2026-01-01']),
    from: new Date('2025-12-30T00:00:00Z'),
  });
  for (const { layer, name, run } of cases) test(`${layer}: ${name}`, run);
});
