import { InvalidOptionError, type SchedulerEvent, type SchedulerObserver } from '@cloudiful-scheduler/core';
import { fieldsOf, substituteFor } from './fields.js';
import { type EventLevels, levelsFor } from './levels.js';
import { messageOf } from './messages.js';
import { checkLogger, type PinoLogger } from './pino-logger.js';

/** Options of {@link pinoObserver}. */
export interface PinoObserverOptions<CustomLevels extends string = never> {
  /** Levels by event type, in place of the default ones. */
  readonly levels?: EventLevels<CustomLevels> | undefined;
}

/**
 * An observer that writes every event as one line of `logger`: a message for people and stable
 * snake_case fields for programs (`event`, `job_id`, `scheduled_at`, `duration_ms`, `err`, …).
 *
 * The logger stays yours: its level, bindings, serializers and destination apply. What it throws is
 * contained; that line is lost, the scheduler goes on. Yet an error that cannot be written does not cost
 * the line: another stands in for it.
 *
 * @param logger - A pino logger, or a child of one. Also the `log` of a Fastify server that has a logger.
 * @param options - Levels by event type. By default failed runs, lost leases and failed jobs are `error`,
 * trouble and lost occurrences `warn`, finished runs and the life of a job `info`, its steps `debug`,
 * renewals `trace`.
 * @throws `InvalidOptionError` for a logger that is none, and for unknown options, event types or levels.
 *
 * @example
 * ```ts
 * const scheduler = new Scheduler({
 *   observers: [pinoObserver(pino(), { levels: { run_started: 'info', run_skipped: 'silent' } })],
 * });
 * ```
 */
export function pinoObserver<CustomLevels extends string = never>(
  logger: PinoLogger<CustomLevels>,
  options: PinoObserverOptions<CustomLevels> = {},
): SchedulerObserver {
  const log = checkLogger(logger);
  checkOptions(options);
  const levelOf = levelsFor(Object.keys(log.levels.values), options.levels);
  const write = (event: SchedulerEvent) => {
    const level = levelOf(event);
    if (level !== 'silent' && log.isLevelEnabled(level)) log[level]?.(fieldsOf(event), messageOf(event));
  };
  return {
    onEvent(event) {
      try {
        try {
          write(event);
        } catch (failure) {
          if (!('error' in event)) throw failure;
          write({ ...event, error: substituteFor(event.error) });
        }
      } catch {
        // A log that fails must not harm the jobs, and there is nowhere else to tell of it.
      }
    },
  };
}

function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError('options', options, 'an object');
  }
  for (const [name, value] of Object.entries(options)) {
    if (name !== 'levels') throw new InvalidOptionError(name, value, 'the option levels');
  }
}
