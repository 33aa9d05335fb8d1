import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countBits, highestBit, lowestBit } from './bits.js';

test('bits are found and counted as their text shows them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0x7fffffff }), (bits) => {
      const text = bits.toString(2);
      expect(countBits(bits)).toBe(text.replaceAll('0', '').length);
      expect(highestBit(bits)).toBe(text.length - 1);
      expect(lowestBit(bits)).toBe(text.length - 1 - text.lastIndexOf('1'));
    }),
  );
  expect(countBits(0)).toBe(0);
});
