import { describe, expect, it } from 'vitest';
import { search, type Variant } from './protocol-model.js';

describe('the protocol of claim, acquire, release, commit and takeover', () => {
  it('starts nothing after it completed, runs nothing twice under one lease and loses nothing', () => {
    const { states, violation } = search();
    expect(violation?.trace.join(' > ')).toBeUndefined();
    expect(states).toBeGreaterThan(10_000);
  });

  const wrong: [Variant, string][] = [
    ['drop_on_contended', 'an occurrence is lost'],
    ['no_done_marker', 'an occurrence starts after it completed'],
    ['takeover_without_lease', 'an occurrence runs twice under one lease'],
    ['takeover_without_entry_check', 'an occurrence starts after it completed'],
    ['start_late_without_check', 'an occurrence starts after it completed'],
  ];
  it.each(wrong)('catches the variant %s', (variant, what) => {
    const { violation } = search(variant);
    expect(violation?.what).toBe(what);
  });
});
