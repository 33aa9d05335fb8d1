import { pino } from 'pino';
import { expect, test } from 'vitest';
import { pinoObserver } from '../src/index.js';
import { loggerInto, type LogLine } from './log-lines.js';
import { SAMPLES } from './samples.js';

const BASE = { job_id: 'prices', at: '2026-03-01T09:00:01.000Z' };
const SLOT = { scheduled_at: '2026-03-01T09:00:00.000Z' };
const OCCURRENCE = { ...SLOT, trigger_count: 7, catch_up: false, manual: false };
const LEASE = { ...SLOT, resource_id: 'prices' };
const OWNED = { ...LEASE, fencing_token: 3 };
const ERR = { err: expect.objectContaining({ type: 'Error', message: 'out of order' }) };
const NEXT = { next_run_at: '2026-03-01T10:00:00.000Z' };
const WHEN = 'scheduled at 2026-03-01T09:00:00.000Z';

/** The whole line of each sample: level, message, fields beside `event`, `job_id` and `at`. */
const LINES: Record<keyof typeof SAMPLES, [keyof typeof pino.levels.values, string, object]> = {
  state_loaded: [
    'info',
    'state restored, next run at 2026-03-01T10:00:00.000Z',
    { ...NEXT, source: 'restored', trigger_count: 6, in_flight: 1 },
  ],
  state_repaired: ['warn', 'state repaired (record_lost), no further run', { reason: 'record_lost' }],
  schedule_changed: [
    'info',
    'schedule changed, next run at 2026-03-01T10:00:00.000Z',
    {
      ...NEXT,
      previous_next_run_at: '2026-03-01T09:00:00.000Z',
      fingerprint: 'every:2000',
      previous_fingerprint: 'every:1000',
    },
  ],
  trigger_emitted: ['debug', `run queued, ${WHEN}`, { ...OCCURRENCE, coalesced: 2, queued: true }],
  run_started: [
    'debug',
    `run started, ${WHEN}, catch-up, attempt 2`,
    { ...OCCURRENCE, catch_up: true, attempt: 2, lateness_ms: 12, fencing_token: 3 },
  ],
  run_completed: [
    'info',
    `run succeeded in 988 ms, ${WHEN}`,
    {
      ...OCCURRENCE,
      attempt: 1,
      lateness_ms: 12,
      duration_ms: 988,
      status: 'success',
      started_at: '2026-03-01T09:00:00.000Z',
      finished_at: '2026-03-01T09:00:01.000Z',
    },
  ],
  run_skipped: [
    'warn',
    '3 runs skipped (missed) from 2026-03-01T07:00:00.000Z to 2026-03-01T09:00:00.000Z',
    { ...OCCURRENCE, reason: 'missed', count: 3, first_scheduled_at: '2026-03-01T07:00:00.000Z' },
  ],
  guard_acquired: ['debug', `lease acquired, run ${WHEN}`, OWNED],
  guard_contended: ['debug', `lease held by another owner, run ${WHEN}`, LEASE],
  guard_renewed: ['trace', `lease renewed, run ${WHEN}`, OWNED],
  guard_renew_failed: ['warn', `lease not renewed yet, trying again, run ${WHEN}`, { ...OWNED, ...ERR }],
  guard_lost: ['error', `lease lost, the run is aborted, run ${WHEN}`, OWNED],
  guard_released: ['debug', `lease released as completed, run ${WHEN}`, { ...OWNED, outcome: 'completed' }],
  guard_release_failed: ['warn', `lease could not be released, run ${WHEN}`, { ...OWNED, ...ERR }],
  guard_degraded: ['warn', 'guard unavailable, runs wait', { reason: 'unavailable', ...ERR }],
  guard_recovered: ['info', 'guard recovered', {}],
  store_degraded: ['warn', 'store degraded (connection)', { kind: 'connection', ...ERR }],
  store_recovering: ['debug', 'store recovering', {}],
  store_recovered: ['info', 'store recovered', {}],
  store_recovery_failed: ['warn', 'store not recovered yet', ERR],
  store_conflict: ['warn', 'store conflict: the record was written by another instance', {}],
  paused: ['info', 'paused (shared)', { scope: 'shared' }],
  resumed: ['info', 'resumed (local)', { scope: 'local' }],
  terminal_state_deleted: ['info', 'terminal state deleted', {}],
  scheduler_stopped: ['info', 'job stopped (terminal)', { reason: 'terminal' }],
};

test.each(Object.values(SAMPLES))('$type is one line', (event) => {
  const lines: LogLine[] = [];
  pinoObserver(loggerInto(lines)).onEvent(event);
  const [level, message, fields] = LINES[event.type];
  expect(lines).toEqual([
    {
      level: pino.levels.values[level],
      msg: `prices: ${message}`,
      event: event.type,
      ...BASE,
      ...fields,
    },
  ]);
});
