import type { EventOfType, EventType } from '../src/index.js';

const at = new Date('2026-03-01T09:00:01.000Z');
const scheduledAt = new Date('2026-03-01T09:00:00.000Z');
const nextRunAt = new Date('2026-03-01T10:00:00.000Z');
const base = { jobId: 'prices', at };
const occurrence = { ...base, scheduledAt, catchUp: false, triggerCount: 7, manual: false };
const run = { ...occurrence, attempt: 1, latenessMs: 12 };
const lease = { ...base, scheduledAt, resourceId: 'prices' };
const owned = { ...lease, fencingToken: 3 };
const error = new Error('out of order');

/** One event of each type. */
export const SAMPLES: { readonly [Type in EventType]: EventOfType<Type> } = {
  state_loaded: {
    type: 'state_loaded',
    ...base,
    source: 'restored',
    nextRunAt,
    triggerCount: 6,
    inFlight: 1,
  },
  state_repaired: { type: 'state_repaired', ...base, reason: 'record_lost', nextRunAt: undefined },
  schedule_changed: {
    type: 'schedule_changed',
    ...base,
    previousFingerprint: 'every:1000',
    fingerprint: 'every:2000',
    previousNextRunAt: scheduledAt,
    nextRunAt,
  },
  trigger_emitted: { type: 'trigger_emitted', ...occurrence, coalesced: 2, queued: true },
  run_started: { type: 'run_started', ...run, catchUp: true, attempt: 2, fencingToken: 3 },
  run_completed: {
    type: 'run_completed',
    ...run,
    status: 'success',
    startedAt: scheduledAt,
    finishedAt: at,
    durationMs: 988,
  },
  run_skipped: {
    type: 'run_skipped',
    ...occurrence,
    reason: 'missed',
    count: 3,
    firstScheduledAt: new Date('2026-03-01T07:00:00.000Z'),
  },
  guard_acquired: { type: 'guard_acquired', ...owned },
  guard_contended: { type: 'guard_contended', ...lease },
  guard_renewed: { type: 'guard_renewed', ...owned },
  guard_renew_failed: { type: 'guard_renew_failed', ...owned, error },
  guard_lost: { type: 'guard_lost', ...owned },
  guard_released: { type: 'guard_released', ...owned, outcome: 'completed' },
  guard_release_failed: { type: 'guard_release_failed', ...owned, error },
  guard_degraded: { type: 'guard_degraded', ...base, reason: 'unavailable', error },
  guard_recovered: { type: 'guard_recovered', ...base },
  store_degraded: { type: 'store_degraded', ...base, kind: 'connection', error },
  store_recovering: { type: 'store_recovering', ...base },
  store_recovered: { type: 'store_recovered', ...base },
  store_recovery_failed: { type: 'store_recovery_failed', ...base, error },
  store_conflict: { type: 'store_conflict', ...base },
  paused: { type: 'paused', ...base, scope: 'shared' },
  resumed: { type: 'resumed', ...base, scope: 'local' },
  terminal_state_deleted: { type: 'terminal_state_deleted', ...base },
  scheduler_stopped: { type: 'scheduler_stopped', ...base, reason: 'terminal' },
};
