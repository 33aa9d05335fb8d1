import { InvalidOptionError, type SchedulerEvent } from '@cloudiful-scheduler/core';
import type { LevelWithSilent } from 'pino';

/** The type of an event, such as `run_completed`. */
export type EventType = SchedulerEvent['type'];

/** The event of one type. */
export type EventOfType<Type extends EventType> = Extract<SchedulerEvent, Readonly<Record<'type', Type>>>;

/** A level, or a function that chooses one for each event. `silent` writes nothing. */
export type EventLevel<Type extends EventType, Level extends string = LevelWithSilent> =
  | Level
  | ((event: EventOfType<Type>) => Level);

/** A level for some types of events, in place of the default ones. */
export type EventLevels<CustomLevels extends string = never> = {
  readonly [Type in EventType]?: EventLevel<Type, LevelWithSilent | CustomLevels> | undefined;
};

/** Skips that lose work that was due, rather than leave it to others or do what was asked for. */
const LOSSES: ReadonlySet<string> = new Set(['missed', 'overlap', 'interrupted', 'too_late']);

/** A new event does not compile until it has a level here. */
const DEFAULT_LEVELS: { readonly [Type in EventType]: EventLevel<Type> } = {
  state_loaded: 'info',
  state_repaired: 'warn',
  schedule_changed: 'info',
  trigger_emitted: 'debug',
  run_started: 'debug',
  run_completed: (event) => (event.status === 'failed' ? 'error' : 'info'),
  run_skipped: (event) => (LOSSES.has(event.reason) ? 'warn' : 'info'),
  guard_acquired: 'debug',
  guard_contended: 'debug',
  guard_renewed: 'trace',
  guard_renew_failed: 'warn',
  guard_lost: 'error',
  guard_released: 'debug',
  guard_release_failed: 'warn',
  guard_degraded: 'warn',
  guard_recovered: 'info',
  store_degraded: 'warn',
  store_recovering: 'debug',
  store_recovered: 'info',
  store_recovery_failed: 'warn',
  store_conflict: 'warn',
  paused: 'info',
  resumed: 'info',
  terminal_state_deleted: 'info',
  scheduler_stopped: (event) => (event.reason === 'failed' ? 'error' : 'info'),
};

/** The level of each event: the user's, or else the default one. */
export type LevelOf = (event: SchedulerEvent) => string;

/** Checks the user's levels against those that the logger has. */
export function levelsFor(loggerLevels: readonly string[], overrides: object = {}): LevelOf {
  const known: ReadonlySet<unknown> = new Set([...loggerLevels, 'silent']);
  checkLevels(overrides, known);
  const own = new Map<string, EventLevel<never, string> | undefined>(Object.entries(overrides));
  return (event) => chosenLevel(own.get(event.type), event, known) ?? defaultLevel(event);
}

/** What the user chose; nothing where their function throws or returns no level of the logger. */
function chosenLevel(
  level: EventLevel<never, string> | undefined,
  event: SchedulerEvent,
  known: ReadonlySet<unknown>,
): string | undefined {
  if (typeof level !== 'function') return level;
  try {
    const chosen = level(event as never);
    return known.has(chosen) ? chosen : undefined;
  } catch {
    return undefined;
  }
}

function defaultLevel(event: SchedulerEvent): string {
  const level = DEFAULT_LEVELS[event.type] as EventLevel<never> | undefined;
  // A newer core may report what this version does not know.
  if (level === undefined) return 'info';
  return typeof level === 'string' ? level : level(event as never);
}

function checkLevels(overrides: unknown, known: ReadonlySet<unknown>): void {
  if (typeof overrides !== 'object' || overrides === null || Array.isArray(overrides)) {
    throw new InvalidOptionError('levels', overrides, 'an object of levels by event type');
  }
  for (const [type, level] of Object.entries(overrides) as [string, unknown][]) {
    if (!Object.hasOwn(DEFAULT_LEVELS, type)) {
      throw new InvalidOptionError(
        `levels.${type}`,
        level,
        `an event type: ${Object.keys(DEFAULT_LEVELS).join(', ')}`,
      );
    }
    if (level !== undefined && typeof level !== 'function' && !known.has(level)) {
      throw new InvalidOptionError(
        `levels.${type}`,
        level,
        `a level of the logger (${[...known].join(', ')}) or a function that returns one`,
      );
    }
  }
}
