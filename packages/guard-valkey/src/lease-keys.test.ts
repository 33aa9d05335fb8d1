import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaseKeys } from './lease-keys.js';

const scheduledAt = new Date('2026-04-03T01:02:03.004Z');

describe('leaseKeys', () => {
  it('names the keys of an occurrence', () => {
    expect(leaseKeys('p:', { jobId: 'job', resourceId: 'res', scope: 'occurrence', scheduledAt })).toEqual({
      lease: 'p:{res}:occurrence:job:1775178123004',
      resource: 'p:{res}:resource',
      open: 'p:{res}:open',
      fence: 'p:{res}:fence',
      done: 'p:{res}:done:job:1775178123004',
      member: 'job:1775178123004',
    });
  });

  it('names the lease of a resource', () => {
    const keys = leaseKeys('p:', { jobId: 'job', resourceId: 'res', scope: 'resource', scheduledAt });
    expect([keys.lease, keys.member]).toEqual(['p:{res}:resource', '']);
  });

  it('gives no two ids the same key, and each resource one hash tag', () => {
    const odd = fc.string({
      unit: fc.constantFrom('%', '{', '}', ':', ' ', '\n', 'a', '0', '007b', '\ud800', '\udc00', '😀'),
    });
    fc.assert(
      fc.property(
        fc.array(odd, { minLength: 4, maxLength: 4 }),
        ([jobA = '', jobB = '', resA = '', resB = '']) => {
          const keysOf = (jobId: string, resourceId: string) =>
            leaseKeys('p:', { jobId, resourceId, scope: 'occurrence', scheduledAt });
          const a = Object.entries(keysOf(jobA, resA)).filter(([name]) => name !== 'member');
          const b = Object.entries(keysOf(jobB, resB)).filter(([name]) => name !== 'member');
          const bytes = (keys: [string, string][]) =>
            new Set(keys.map(([, key]) => Buffer.from(key).toString('hex')));
          expect(bytes(a).size).toBe(5);
          const shared = a
            .filter(([, key]) => bytes(b).has(Buffer.from(key).toString('hex')))
            .map(([name]) => name);
          const expected =
            resA !== resB
              ? []
              : jobA === jobB
                ? ['lease', 'resource', 'open', 'fence', 'done']
                : ['resource', 'open', 'fence'];
          expect(shared).toEqual(expected);
          for (const [, key] of a) expect(key.match(/\{[^{}]*\}/g)).toHaveLength(1);
        },
      ),
    );
  });
});
