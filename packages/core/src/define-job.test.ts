import { expect, it } from 'vitest';
import { defineJob } from './define-job.js';
import { Scheduler } from './engine/scheduler.js';
import type { Job } from './job.js';
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
