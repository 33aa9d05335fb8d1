import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimestamp } from './timestamp.js';

const LAST = 8.64e15;

describe('formatTimestamp', () => {
  it('writes what toISOString does, whatever was written before', () => {
    const near = fc.integer({ min: -120_000, max: 120_000 });
    const instants = fc.array(fc.oneof(near, fc.integer({ min: -LAST, max: LAST })), { minLength: 1 });
    fc.assert(
      fc.property(instants, (all) => {
        for (const instant of all) {
          const date = new Date(instant);
          expect(formatTimestamp(date)).toBe(date.toISOString());
        }
      }),
    );
  });

  it.each([-LAST, -1, 0, 59_999, 60_000, LAST])('writes %d', (instant) => {
    expect(formatTimestamp(new Date(instant))).toBe(new Date(instant).toISOString());
  });
});
