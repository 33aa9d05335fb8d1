import type { Job } from '../job.js';
import type { ScheduleContext } from '../schedule.js';

/** What the schedule of a job is asked with: the job's own time zone, else the scheduler's. */
export function contextOf({ timezone }: Job<never>, context: ScheduleContext): ScheduleContext {
  return timezone === undefined ? context : { timezone };
}
