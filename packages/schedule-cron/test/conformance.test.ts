import { scheduleConformance } from '@cloudiful-scheduler/testkit';
import { describe, test } from 'vitest';
import { type CronOptions, cron } from '../src/index.js';

interface Subject {
  readonly expression: string;
  readonly timezone: string;
  /** Shortly before something happens to the clocks. */
  readonly from: string;
  readonly options?: CronOptions;
  readonly count?: number;
}

const SUBJECTS: readonly Subject[] = [
  { expression: '*/5 9-15 * * Mon-Fri', timezone: 'UTC', from: '2026-01-01T00:00Z' },
  { expression: '*/20 * * * *', timezone: 'America/New_York', from: '2025-03-08T12:00-05:00' },
  { expression: '*/20 * * * *', timezone: 'America/New_York', from: '2025-11-01T12:00-04:00' },
  { expression: '*/20 0-5 * * *', timezone: 'America/New_York', from: '2025-03-07T12:00-05:00' },
  { expression: '*/20 0-5 * * *', timezone: 'America/New_York', from: '2025-10-31T12:00-04:00' },
  {
    expression: '*/7 1-3 * * *',
    timezone: 'UTC',
    from: '2025-10-03T12:00Z',
    options: { timezone: 'Australia/Lord_Howe', daylightSaving: { gap: 'shift', overlap: 'second' } },
  },
  {
    expression: '*/7 1-3 * * *',
    timezone: 'Antarctica/Troll',
    from: '2025-10-24T12:00Z',
    options: { daylightSaving: { gap: 'skip', overlap: 'both' } },
  },
  { expression: '30 */6 * * *', timezone: 'Pacific/Apia', from: '2011-12-28T00:00-10:00' },
  { expression: '0 0 29 2 *', timezone: 'Africa/Cairo', from: '2020-01-01T00:00Z', count: 20 },
];

describe.each(SUBJECTS)('$expression in $timezone from $from', (subject) => {
  const { expression, options, timezone, from, count } = subject;
  const create = () => cron(expression, options);
  for (const one of scheduleConformance({ create, timezone, from: new Date(from), count })) {
    test(`${one.layer}: ${one.name}`, () => one.run());
  }
});
