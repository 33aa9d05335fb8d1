import { type Logger, pino } from 'pino';

/** A line as it arrives in the log. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A real logger whose lines are kept, parsed. */
export function loggerInto(lines: LogLine[], level = 'trace'): Logger {
  return pino(
    { level, base: null, timestamp: false },
    { write: (line) => void lines.push(JSON.parse(line)) },
  );
}
