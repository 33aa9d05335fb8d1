import { describe, expect, it } from 'vitest';
import { clockChanges, dateOf, instantOf, timeOfDay } from './local-time.js';

const newYork = 'America/New_York';

describe('local time', () => {
  it.each([
    ['2026-03-08T01:30', '2026-03-08T06:30:00.000Z'],
    ['2026-03-08T02:30', '2026-03-08T07:30:00.000Z'],
    ['2026-03-08T03:30', '2026-03-08T07:30:00.000Z'],
    ['2026-11-01T01:30', '2026-11-01T05:30:00.000Z'],
    ['2026-11-01T02:30', '2026-11-01T07:30:00.000Z'],
  ])('%s in New York is %s', (local, instant) => {
    expect(new Date(instantOf(local, newYork)).toISOString()).toBe(instant);
  });

  it('is written short', () => {
    const instant = Date.parse('2026-03-08T06:30:00Z');
    expect(timeOfDay(instant, newYork)).toBe('01:30');
    expect(timeOfDay(instant + 5_000, newYork)).toBe('01:30:05');
    expect(dateOf(instant, newYork)).toBe('Sun 8 Mar');
  });

  it('changes where the clocks do', () => {
    const start = Date.parse('2026-03-08T05:00:00Z');
    expect(clockChanges(start, start + 14_400_000, newYork)).toEqual([Date.parse('2026-03-08T07:00:00Z')]);
    expect(clockChanges(start, start + 14_400_000, 'UTC')).toEqual([]);
  });
});
