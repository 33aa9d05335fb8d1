import { InvalidOptionError } from '@cloudiful-scheduler/core';

/**
 * A logger that pino made. The type asks for less than pino's `Logger`, so that loggers which frameworks type in
 * their own way are taken as well, such as Fastify's `log`; whether it is one of pino is looked at when it is used.
 */
export interface PinoLogger<CustomLevels extends string = never> {
  /** The least level that is written. */
  readonly level: string;
  /** Levels that the logger has beside the standard ones. */
  readonly customLevels?: { readonly [Level in CustomLevels]: number };
  /** Writes a line of this level. */
  trace(fields: object, message: string): void;
  /** Writes a line of this level. */
  debug(fields: object, message: string): void;
  /** Writes a line of this level. */
  info(fields: object, message: string): void;
  /** Writes a line of this level. */
  warn(fields: object, message: string): void;
  /** Writes a line of this level. */
  error(fields: object, message: string): void;
}

/** What is used of a logger. */
type UsedLogger = Readonly<Record<string, PinoLogger['info']>> & {
  readonly levels: { readonly values: Readonly<Record<string, number>> };
  isLevelEnabled(level: string): boolean;
};

const STANDARD_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'];

/** The logger, if pino made it and it has the standard levels. */
export function checkLogger(logger: unknown): UsedLogger {
  const { levels, isLevelEnabled } = (logger ?? {}) as Partial<UsedLogger>;
  const known = levels?.values ?? {};
  if (
    typeof isLevelEnabled !== 'function' ||
    !STANDARD_LEVELS.every((level) => Object.hasOwn(known, level))
  ) {
    throw new InvalidOptionError(
      'logger',
      logger,
      `a pino logger with the levels ${STANDARD_LEVELS.join(', ')}`,
    );
  }
  return logger as UsedLogger;
}
