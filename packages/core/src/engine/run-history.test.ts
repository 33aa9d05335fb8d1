import { expect, it } from 'vitest';
import type { RunResult } from '../policy/transitions.js';
import { RunHistory } from './run-history.js';

it('keeps the last runs, oldest first, each with its own error', () => {
  const history = new RunHistory(3);
  for (let run = 1; run <= 7; run += 1) {
    expect(history.list().map((record) => record.triggerCount)).toEqual(
      [run - 3, run - 2, run - 1].filter((count) => count > 0),
    );
    const error = run % 2 === 0 ? `error ${run}` : undefined;
    const status = error === undefined ? 'success' : 'failed';
    const result: RunResult = { startedAt: run * 10 + 1, finishedAt: run * 10 + 2, status, error };
    const scheduledAt = new Date(run * 10);
    history.add(
      {
        scheduledAt,
        catchUp: run === 6,
        triggerCount: run,
        attempt: run === 5 ? 2 : 1,
        owner: 'a',
        manual: run === 7,
      },
      result,
    );
  }
  const common = { catchUp: false, manual: false, attempt: 1, status: 'success', error: undefined };
  expect(history.list()).toEqual([
    { ...common, ...times(50), triggerCount: 5, attempt: 2 },
    { ...common, ...times(60), triggerCount: 6, catchUp: true, status: 'failed', error: 'error 6' },
    { ...common, ...times(70), triggerCount: 7, manual: true },
  ]);
});

function times(instant: number): Record<string, Date> {
  return {
    scheduledAt: new Date(instant),
    startedAt: new Date(instant + 1),
    finishedAt: new Date(instant + 2),
  };
}

it('takes time that grows with the number of runs only', () => {
  const listed = (count: number): number => {
    const history = new RunHistory(count);
    const result: RunResult = { startedAt: 1, finishedAt: 2, status: 'success', error: undefined };
    const entry = { scheduledAt: new Date(0), catchUp: false, triggerCount: 1, attempt: 1, owner: 'a' };
    for (let run = 0; run < count; run += 1) history.add(entry, result);
    const began = performance.now();
    history.list();
    return performance.now() - began;
  };
  listed(20_000);
  // Ten times as many: a hundred times as long if each looked at all others.
  expect(listed(200_000)).toBeLessThan(60 * Math.max(1, listed(20_000)));
});
