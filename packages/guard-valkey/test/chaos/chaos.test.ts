import { isSkipped, ownServer } from '@cloudiful-scheduler/valkey-testing';
import { describe, expect, it } from 'vitest';
import { chaos } from './chaos.js';
import { check, type Entry } from './checker.js';

const OCCURRENCES = Number(process.env['CHAOS_OCCURRENCES'] ?? 10_000);
const flavour = ownServer();

describe.skipIf(isSkipped(flavour))('eight processes under faults', () => {
  it('keep their promises', { timeout: 3_600_000 }, async () => {
    const report = await chaos(OCCURRENCES, flavour.name, Math.random);
    console.log(JSON.stringify(report));
    expect(report.violations).toEqual([]);
    expect(report.starts).toBeGreaterThan(OCCURRENCES / 4);
    expect(report.abortLateness.median).toBeLessThan(50);
  });
});

describe('the checker', () => {
  const base = { jobId: 'job', occurrence: 5 };
  const run = (worker: string, from: number, fence: number, more: Partial<Entry> = {}): Entry[] => [
    { worker, t: from, sentAt: from - 1, what: 'acquire', answer: 'acquired', token: worker, ...base },
    { worker, t: from + 1, what: 'start', token: worker, fence, early: -1, ...base, ...more },
    { worker, t: from + 5, what: 'finish', token: worker, ...base },
  ];
  const release = (worker: string, t: number): Entry => {
    return {
      worker,
      t,
      sentAt: t - 1,
      what: 'release_completed',
      answer: 'released',
      token: worker,
      ...base,
    };
  };
  const claim: Entry = { worker: 'a', t: 0, what: 'trigger_emitted', ...base };
  const kill: Entry = { worker: 'a', t: 20, what: 'kill' };
  const violationsOf = (...entries: Entry[]): string[] => check(entries, 1_000).violations;

  it('accepts a run, and a second one that a fault explains', () => {
    expect(violationsOf(claim, ...run('a', 10, 1), release('a', 16))).toEqual([]);
    expect(violationsOf(claim, ...run('a', 10, 1), kill, ...run('b', 1_100, 2))).toEqual([]);
  });

  it('accepts a start of a process that was stopped after it had looked at its lease, and no other', () => {
    const cont: Entry = { worker: 'a', t: 1_190, what: 'cont' };
    const [acquired, start, finish] = run('a', 10, 1) as [Entry, Entry, Entry];
    const late = (checkedAt: number): Entry[] => [
      acquired,
      ...run('b', 1_100, 2),
      release('b', 1_106),
      cont,
      { ...start, t: 1_200, checkedAt },
      { ...finish, t: 1_205 },
    ];
    expect(violationsOf(...late(11))).toEqual([]);
    expect(violationsOf(...late(1_195))).toHaveLength(2);
    expect(violationsOf(...late(950))).toHaveLength(2);
    expect(violationsOf(...late(11).filter((entry) => entry !== cont))).toHaveLength(2);
  });

  it.each<[string, Entry[]]>([
    ['had completed it', [...run('a', 10, 1), release('a', 16), kill, ...run('b', 1_100, 2)]],
    ['whose lease holds', [...run('a', 10, 1), kill, ...run('b', 500, 2)]],
    ['nothing explains', [...run('a', 10, 1), ...run('b', 1_100, 2)]],
    ['no higher', [...run('a', 10, 2), kill, ...run('b', 1_100, 2)]],
    ['ms early', run('a', 10, 1, { early: 3 })],
    ['never finished', [claim]],
    ['never finished', [claim, ...run('a', 10, 1).slice(0, 2)]],
    ['without a start', run('a', 10, 1).slice(2)],
    ['failed on a', [{ worker: 'a', t: 1, what: 'failed', jobId: 'job', reason: 'boom' }]],
  ])('finds what is wrong: %s', (violation, entries) => {
    expect(violationsOf(...entries).join('; ')).toContain(violation);
  });
});
