import { describe, expect, it } from 'vitest';
import type { TimeWindow } from '../job.js';
import { compileTimeWindow } from './time-window.js';

/** Whether local times of a week in 2026 (Monday 5 January) lie inside. */
function inside(window: TimeWindow, ...instants: string[]): boolean[] {
  const rule = compileTimeWindow(window);
  return instants.map((instant) => rule.contains(Date.parse(instant), 'UTC'));
}

describe('a time window', () => {
  it('includes its start and excludes its end', () => {
    const window = { segments: [{ start: '09:00', end: '12:00' }] };
    expect(
      inside(
        window,
        '2026-01-05T08:59:59.999Z',
        '2026-01-05T09:00:00Z',
        '2026-01-05T11:59:59.999Z',
        '2026-01-05T12:00:00Z',
      ),
    ).toEqual([false, true, true, false]);
  });

  it('may end at 24:00', () => {
    const window = { segments: [{ start: '23:30', end: '24:00' }] };
    expect(inside(window, '2026-01-05T23:59:59.999Z', '2026-01-06T00:00:00Z')).toEqual([true, false]);
  });

  it('that crosses midnight belongs to the weekday of its start', () => {
    const window = { weekdays: ['mon'] as const, segments: [{ start: '22:00', end: '02:00' }] };
    expect(
      inside(
        window,
        '2026-01-05T01:00:00Z', // Monday, of the segment that began on Sunday
        '2026-01-05T21:59:59Z',
        '2026-01-05T22:00:00Z',
        '2026-01-06T01:59:59Z',
        '2026-01-06T02:00:00Z',
        '2026-01-06T22:00:00Z',
      ),
    ).toEqual([false, false, true, true, false, false]);
  });

  it('has several segments, with seconds where they are wanted', () => {
    const window = {
      segments: [
        { start: '09:00', end: '09:00:30' },
        { start: '22:00', end: '02:00' },
      ],
    };
    expect(
      inside(
        window,
        '2026-01-05T09:00:29Z',
        '2026-01-05T09:00:30Z',
        '2026-01-05T12:00:00Z',
        '2026-01-05T00:00:00Z',
      ),
    ).toEqual([true, false, false, true]);
  });

  it('without segments is the whole of its weekdays', () => {
    expect(inside({ weekdays: ['sun'] }, '2026-01-04T12:00:00Z', '2026-01-05T00:00:00Z')).toEqual([
      true,
      false,
    ]);
  });

  it('follows its own time zone, else that of the scheduler, also through daylight saving', () => {
    const segments = [{ start: '09:00', end: '10:00' }];
    const shanghai = compileTimeWindow({ timezone: 'Asia/Shanghai', segments });
    expect(shanghai.contains(Date.parse('2026-01-05T01:30:00Z'), 'UTC')).toBe(true);
    const local = compileTimeWindow({ segments });
    expect(local.contains(Date.parse('2026-01-05T14:30:00Z'), 'America/New_York')).toBe(true);
    expect(local.contains(Date.parse('2026-07-06T14:30:00Z'), 'America/New_York')).toBe(false);
    expect(local.contains(Date.parse('2026-07-06T13:30:00Z'), 'America/New_York')).toBe(true);
  });
});
