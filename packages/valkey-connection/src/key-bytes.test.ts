import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyBytes } from './key-bytes.js';

describe('keyBytes', () => {
  it.each(['job', '😀', '{a}', '', '\0', '\ufffd'])('leaves %j as it is', (text) => {
    expect(keyBytes(text)).toBe(text);
  });

  it('gives no two texts the same bytes', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '\ud800', '\udbff', '\udc00', '\udfff', '\ufffd', '😀', 'é'),
    });
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(Buffer.from(keyBytes(one) as string).equals(Buffer.from(keyBytes(other) as string))).toBe(
          one === other,
        );
      }),
    );
  });
});
