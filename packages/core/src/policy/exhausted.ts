import type { Job } from '../job.js';
import type { JobState } from '../job-state.js';
import type { ScheduleContext } from '../schedule.js';
import { findBacklog } from './backlog.js';
import { nextOccurrence } from './checked-schedule.js';
import { contextOf } from './job-timezone.js';
import { remainingRuns } from './plan.js';

/** Whether all that was left to a job in `state` is due by `now`, so that others may have consumed it. */
export function mayBeExhausted(
  job: Job<never>,
  state: JobState,
  now: number,
  schedulerContext: ScheduleContext,
): boolean {
  const context = contextOf(job, schedulerContext);
  const oldest = state.nextRunAt?.getTime();
  if (oldest === undefined) return true;
  if (oldest > now) return false;
  if (nextOccurrence(job.schedule, now, context) === undefined) return true;
  const limit = remainingRuns(job, state);
  if (limit === Number.POSITIVE_INFINITY) return false;
  return findBacklog(job.schedule, context, { oldest, now, limit, keep: 1 }).count === limit;
}
