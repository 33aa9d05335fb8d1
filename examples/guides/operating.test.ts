import { readFileSync } from 'node:fs';
import type { SchedulerErrorCode, SchedulerEvent, SkipReason } from '@cloudiful-scheduler/core';
import { pinoObserver } from '@cloudiful-scheduler/observer-pino';
import { pino } from 'pino';
import { expect, it } from 'vitest';

// A type, reason or code that is missing here, or too many, does not compile; the guide is compared with these lists.

const EVENTS: Readonly<Record<SchedulerEvent['type'], true>> = {
  state_loaded: true,
  state_repaired: true,
  schedule_changed: true,
  trigger_emitted: true,
  run_started: true,
  run_completed: true,
  run_skipped: true,
  guard_acquired: true,
  guard_contended: true,
  guard_renewed: true,
  guard_renew_failed: true,
  guard_lost: true,
  guard_released: true,
  guard_release_failed: true,
  guard_degraded: true,
  guard_recovered: true,
  store_degraded: true,
  store_recovering: true,
  store_recovered: true,
  store_recovery_failed: true,
  store_conflict: true,
  paused: true,
  resumed: true,
  terminal_state_deleted: true,
  scheduler_stopped: true,
};

const SKIP_REASONS: Readonly<Record<SkipReason, true>> = {
  outside_time_window: true,
  missed: true,
  overlap: true,
  contended: true,
  already_completed: true,
  interrupted: true,
  too_late: true,
  paused: true,
};

const ERROR_CODES: Readonly<Record<SchedulerErrorCode, true>> = {
  ERR_INVALID_OPTION: true,
  ERR_DUPLICATE_JOB: true,
  ERR_SCHEDULER_STOPPED: true,
  ERR_STATE_CORRUPT: true,
  ERR_STATE_FORMAT: true,
  ERR_STORE_UNAVAILABLE: true,
  ERR_STORE_DENIED: true,
  ERR_GUARD_UNAVAILABLE: true,
  ERR_GUARD_DENIED: true,
  ERR_GUARD_CORRUPT: true,
  ERR_TIMEOUT: true,
  ERR_LEASE_LOST: true,
  ERR_CANCELLED: true,
  ERR_SHUTDOWN: true,
  ERR_JOB_ENDED: true,
  ERR_CONTRACT: true,
  ERR_NOT_CLONEABLE: true,
  ERR_WORKER_CRASHED: true,
  ERR_WORKER_CLOSED: true,
};

const guide = readFileSync(new URL('../../docs/guides/operating.md', import.meta.url), 'utf8');

/** The rows of the table below a heading, each as the texts of its cells. */
function rowsBelow(heading: string): string[][] {
  const section = guide.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function namesBelow(heading: string): string[] {
  return rowsBelow(heading).map(([name = '']) => name.replaceAll('`', ''));
}

/** The levels at which `pinoObserver` writes an event of this type, over all that it depends on. */
function levelsOf(event: Readonly<Record<string, unknown>>): string[] {
  const levels = new Set<string>();
  const observer = pinoObserver(
    pino(
      { level: 'trace' },
      { write: (line: string) => void levels.add(pino.levels.labels[JSON.parse(line).level] ?? '') },
    ),
  );
  const at = new Date();
  const common = { jobId: 'job', at, scheduledAt: at, firstScheduledAt: at, startedAt: at, finishedAt: at };
  const variants = [
    { status: 'success', reason: 'terminal' },
    { status: 'success', reason: 'missed' },
    { status: 'failed', reason: 'failed' },
  ];
  for (const variant of variants)
    observer.onEvent({ ...common, ...variant, ...event } as unknown as SchedulerEvent);
  return [...levels].sort();
}

const levelsIn = (cell: string): string[] =>
  [...cell.matchAll(/`(\w+)`/g)].map(([, level]) => level ?? '').sort();

it('the table of events has every event, with the level that pinoObserver gives it', () => {
  expect(namesBelow('Events').sort()).toEqual(Object.keys(EVENTS).sort());
  for (const [name = '', level = ''] of rowsBelow('Events')) {
    const type = name.replaceAll('`', '');
    expect({ type, levels: levelsIn(level) }).toEqual({ type, levels: levelsOf({ type }) });
  }
});

it('the table of skip reasons has every reason, with its level', () => {
  expect(namesBelow('Skip reasons').sort()).toEqual(Object.keys(SKIP_REASONS).sort());
  for (const [name = '', level = ''] of rowsBelow('Skip reasons')) {
    const reason = name.replaceAll('`', '');
    const levels = levelsOf({ type: 'run_skipped', reason });
    expect({ reason, levels: levelsIn(level) }).toEqual({ reason, levels });
  }
});

it('the table of error codes has every code', () => {
  expect(namesBelow('Error codes').sort()).toEqual(Object.keys(ERROR_CODES).sort());
});

it('no table names anything twice', () => {
  for (const heading of ['Events', 'Skip reasons', 'Error codes']) {
    expect(new Set(namesBelow(heading)).size).toBe(namesBelow(heading).length);
  }
});
