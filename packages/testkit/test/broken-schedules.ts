import { every, type Schedule } from '@cloudiful-scheduler/core';

function broken(change: (right: Schedule) => Partial<Schedule>): () => Schedule {
  return () => {
    const right = every(7_000);
    return {
      kind: right.kind,
      fingerprint: right.fingerprint,
      first: right.first.bind(right),
      next: right.next.bind(right),
      due: right.due?.bind(right) as NonNullable<Schedule['due']>,
      ...change(right),
    };
  };
}

const context = { timezone: 'UTC' };
const next = (schedule: Schedule, after: number) => schedule.next(after, context) as number;

/** What is wrong with each, and how to make it. */
export const BROKEN_SCHEDULES: Readonly<Record<string, () => Schedule>> = {
  'has no fingerprint': broken(() => ({ fingerprint: '' })),
  'has a fingerprint that changes': (() => {
    let made = 0;
    return broken(() => {
      made += 1;
      return { fingerprint: `interval ${made}` };
    });
  })(),
  'answers with what it is asked from': broken((right) => ({
    next: (after) => (after % 7_000 === 0 ? after : next(right, after)),
  })),
  'answers with fractions': broken((right) => ({ next: (after) => next(right, after) + 0.5 })),
  'goes back': broken((right) => ({ next: (after) => (after % 2 === 0 ? next(right, after) : after - 1) })),
  'depends on what it was asked before': broken((right) => {
    let calls = 0;
    return {
      next: (after) => {
        calls += 1;
        return next(right, after) + calls;
      },
    };
  }),
  'comes back after its end': broken((right) => {
    const end = Date.parse('2026-01-01T00:10:00Z');
    return { next: (after) => (after < end || after > end + 86_400_000 ? next(right, after) : undefined) };
  }),
  'counts one too few': broken((right) => ({
    due: (from, through) => {
      const due = right.due?.(from, through, context);
      return { count: (due?.count ?? 0) - 1, first: due?.first, last: due?.last };
    },
  })),
  'leaves out an occurrence at the end of the range': broken((right) => ({
    due: (from, through) =>
      right.due?.(from, through - 1, context) ?? { count: 0, first: undefined, last: undefined },
  })),
  'names the end of the range as the last occurrence': broken((right) => ({
    due: (from, through) => ({
      count: right.due?.(from, through, context).count ?? 0,
      first: from,
      last: through,
    }),
  })),
  'finds something in an empty range': broken((right) => ({
    due: (from, through) =>
      right.due?.(from, Math.max(from, through), context) ?? { count: 1, first: from, last: from },
  })),
};
