import { describe, expect, it } from 'vitest';
import { defineJob } from './define-job.js';
import { Scheduler } from './engine/scheduler.js';
import type { Job, JobOptions, Task, TaskContext } from './job.js';
import { every } from './schedules/every.js';

it('lets jobs with different deps be kept in one list and started from it', async () => {
  const schedule = every({ hours: 1 });
  const counting = defineJob({ id: 'a', schedule, deps: { count: 1 }, task: ({ deps }) => deps.count + 1 });
  const naming = defineJob({ id: 'b', schedule, deps: 'text', task: ({ deps }) => deps.toUpperCase() });
  const plain = defineJob({ id: 'c', schedule, task: () => {} });
  const jobs: Job[] = [counting, naming, plain];
  const scheduler = new Scheduler();
  const handles = jobs.map((job) => scheduler.start(job));
  await Promise.all(handles.map(({ started }) => started));
  await scheduler.cancel();
  const reports = await Promise.all(handles.map(({ finished }) => finished));
  expect(reports.map(({ jobId, stopReason }) => [jobId, stopReason])).toEqual([
    ['a', 'cancelled'],
    ['b', 'cancelled'],
    ['c', 'cancelled'],
  ]);
  expect(() => scheduler.start(plain)).toThrow(expect.objectContaining({ code: 'ERR_SCHEDULER_STOPPED' }));
});

it('defines a job after the pattern of another, with all that it has', () => {
  const pattern = defineJob({
    id: 'pattern',
    schedule: every({ hours: 1 }),
    deps: { market: 'A-share' },
    timezone: 'Asia/Shanghai',
    timeWindow: { segments: [{ start: '09:00', end: '12:00' }] },
    catchUpWithinMs: 60_000,
    maxRuns: 3,
    resourceId: 'table',
    task: ({ deps }) => deps.market,
  });
  const copy: Job<{ market: string }> = defineJob({ ...pattern, id: 'copy' });
  expect({ ...copy }).toEqual({ ...pattern, id: 'copy' });
  expect(copy.timeWindow?.contains(Date.parse('2026-01-01T01:30:00Z'), 'Asia/Shanghai')).toBe(true);
});

describe('the types', () => {
  interface Deps {
    readonly market: string;
  }
  const schedule = every({ hours: 1 });
  const task: Task<Deps> = ({ deps }) => deps.market;

  it('ask for deps when the task needs them', () => {
    // @ts-expect-error deps are missing
    defineJob<Deps>({ id: 'a', schedule, task: ({ deps }) => deps.market });
    // @ts-expect-error deps are missing
    defineJob({ id: 'a', schedule, task });
    // @ts-expect-error deps are missing
    defineJob({ id: 'a', schedule, task: ({ deps }: TaskContext<Deps>) => deps.market });
    // @ts-expect-error deps are of another type
    defineJob({ id: 'a', schedule, deps: { market: 7 }, task });
    defineJob({ id: 'a', schedule, deps: { market: 'A-share' }, task });
    defineJob<Deps>({ id: 'a', schedule, deps: { market: 'A-share' }, task });
  });

  it('ask for none when the task can do without', () => {
    defineJob({ id: 'a', schedule, task: () => {} });
    defineJob({ id: 'a', schedule, task: ({ deps }) => deps satisfies undefined });
    defineJob<Deps | undefined>({ id: 'a', schedule, task: ({ deps }) => deps?.market });
    defineJob({ id: 'a', schedule, task: (context: TaskContext) => context.run });
  });

  it('take deps whose type is not known yet', () => {
    const withDeps = <T>(deps: T, work: Task<T>): Job<T> =>
      defineJob({ id: 'a', schedule, deps, task: work });
    const limited = <T>(options: JobOptions<T> & { deps: T }): Job<T> =>
      defineJob({ ...options, maxRuns: 1 });
    expect(withDeps({ market: 'A-share' }, task).deps.market).toBe('A-share');
    expect(limited({ id: 'a', schedule, deps: { market: 'A-share' }, task }).maxRuns).toBe(1);
  });
});
