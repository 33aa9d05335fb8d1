import type { SchedulerEvent } from '@cloudiful-scheduler/core';
import type { EventOfType, EventType } from './levels.js';

/** What happened, for people. Programs read the fields. */
const MESSAGES: { readonly [Type in EventType]: (event: EventOfType<Type>) => string } = {
  state_loaded: (event) => `state ${event.source}, ${nextRun(event.nextRunAt)}`,
  state_repaired: (event) => `state repaired (${event.reason}), ${nextRun(event.nextRunAt)}`,
  schedule_changed: (event) => `schedule changed, ${nextRun(event.nextRunAt)}`,
  trigger_emitted: (event) => `run ${event.queued ? 'queued' : 'due'}${occurrence(event)}`,
  run_started: (event) => `run started${occurrence(event)}`,
  run_completed: (event) =>
    event.status === 'failed'
      ? `run failed after ${event.durationMs} ms${occurrence(event)}`
      : `run succeeded in ${event.durationMs} ms${occurrence(event)}`,
  run_skipped: (event) =>
    event.count > 1
      ? `${event.count} runs skipped (${event.reason}) from ${iso(event.firstScheduledAt)} to ${iso(event.scheduledAt)}`
      : `run skipped (${event.reason})${occurrence(event)}`,
  guard_acquired: (event) => `lease acquired${lease(event)}`,
  guard_contended: (event) => `lease held by another owner${lease(event)}`,
  guard_renewed: (event) => `lease renewed${lease(event)}`,
  guard_renew_failed: (event) => `lease not renewed yet, trying again${lease(event)}`,
  guard_lost: (event) => `lease lost, the run is aborted${lease(event)}`,
  guard_released: (event) => `lease released as ${event.outcome}${lease(event)}`,
  guard_release_failed: (event) => `lease could not be released${lease(event)}`,
  guard_degraded: (event) =>
    event.reason === 'unavailable'
      ? 'guard unavailable, runs wait'
      : 'shared store without a guard: instances may run the same occurrence',
  guard_recovered: () => 'guard recovered',
  store_degraded: (event) => `store degraded (${event.kind})`,
  store_recovering: () => 'store recovering',
  store_recovered: () => 'store recovered',
  store_recovery_failed: () => 'store not recovered yet',
  store_conflict: () => 'store conflict: the record was written by another instance',
  paused: (event) => `paused (${event.scope})`,
  resumed: (event) => `resumed (${event.scope})`,
  terminal_state_deleted: () => 'terminal state deleted',
  scheduler_stopped: (event) => `job stopped (${event.reason})`,
};

/** One sentence that begins with the job. */
export function messageOf(event: SchedulerEvent): string {
  const message = MESSAGES[event.type] as ((event: SchedulerEvent) => string) | undefined;
  return `${event.jobId}: ${message === undefined ? event.type : message(event)}`;
}

function occurrence(event: {
  readonly scheduledAt: Date;
  readonly catchUp: boolean;
  readonly manual: boolean;
  readonly attempt?: number;
}): string {
  const remarks = [
    event.manual ? ', asked for by hand' : '',
    event.catchUp ? ', catch-up' : '',
    event.attempt !== undefined && event.attempt > 1 ? `, attempt ${event.attempt}` : '',
  ];
  return `, scheduled at ${iso(event.scheduledAt)}${remarks.join('')}`;
}

function lease(event: { readonly scheduledAt: Date }): string {
  return `, run scheduled at ${iso(event.scheduledAt)}`;
}

function nextRun(nextRunAt: Date | undefined): string {
  return nextRunAt === undefined ? 'no further run' : `next run at ${iso(nextRunAt)}`;
}

function iso(instant: Date): string {
  return instant.toISOString();
}
