import { InvalidOptionError, type SchedulerEvent } from '@cloudiful-scheduler/core';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { loggerInto, type LogLine } from '../test/log-lines.js';
import { SAMPLES } from '../test/samples.js';
import { pinoObserver, type PinoObserverOptions } from './pino-observer.js';

function logged(event: SchedulerEvent, options?: PinoObserverOptions, level?: string): LogLine[] {
  const lines: LogLine[] = [];
  pinoObserver(loggerInto(lines, level), options).onEvent(event);
  return lines;
}

const failed = { ...SAMPLES.run_completed, status: 'failed' as const };

describe('levels', () => {
  test('a failed run and a failed job are errors', () => {
    expect(logged(failed)[0]).toMatchObject({ level: 50, status: 'failed' });
    expect(logged({ ...SAMPLES.scheduler_stopped, reason: 'failed' })[0]?.level).toBe(50);
  });

  test.each([
    ['missed', 40],
    ['overlap', 40],
    ['interrupted', 40],
    ['too_late', 40],
    ['outside_time_window', 30],
    ['contended', 30],
    ['already_completed', 30],
    ['paused', 30],
  ] as const)('a skip for %s is %i', (reason, level) => {
    expect(logged({ ...SAMPLES.run_skipped, reason })[0]?.level).toBe(level);
  });

  test('are overridden by event type, also by a function', () => {
    const options: PinoObserverOptions = {
      levels: {
        run_started: 'info',
        run_skipped: 'silent',
        paused: undefined,
        run_completed: (event) => (event.status === 'failed' ? 'fatal' : 'silent'),
      },
    };
    expect(logged(SAMPLES.run_started, options)[0]?.level).toBe(30);
    expect(logged(SAMPLES.run_skipped, options)).toEqual([]);
    expect(logged(SAMPLES.paused, options)[0]?.level).toBe(30);
    expect(logged(SAMPLES.run_completed, options)).toEqual([]);
    expect(logged(failed, options)[0]?.level).toBe(60);
  });

  test.each([raise, () => undefined, () => 'loud', () => 'toString', () => 30])(
    'are the default ones where a function gives none: %s',
    (level) => {
      const options = { levels: { run_completed: level } } as unknown as PinoObserverOptions;
      expect(logged(failed, options)[0]?.level).toBe(50);
    },
  );

  test('may be custom levels of the logger', () => {
    const lines: LogLine[] = [];
    const logger = pino(
      { customLevels: { audit: 35 } },
      { write: (line) => void lines.push(JSON.parse(line)) },
    );
    pinoObserver(logger, { levels: { paused: 'audit' } }).onEvent(SAMPLES.paused);
    expect(lines[0]?.level).toBe(35);
    // @ts-expect-error the logger has no such level
    expect(() => pinoObserver(logger, { levels: { paused: 'loud' } })).toThrow(InvalidOptionError);
  });

  test('below that of the logger cost no line', () => {
    expect(logged(SAMPLES.guard_renewed, {}, 'info')).toEqual([]);
  });

  test('follow the logger when its level changes', () => {
    const lines: LogLine[] = [];
    const logger = loggerInto(lines, 'error');
    const observer = pinoObserver(logger);
    logger.level = 'debug';
    observer.onEvent(SAMPLES.run_started);
    expect(lines).toHaveLength(1);
  });
});

describe('lines', () => {
  test('keep the bindings of a child', () => {
    const lines: LogLine[] = [];
    pinoObserver(loggerInto(lines).child({ component: 'jobs' })).onEvent(SAMPLES.paused);
    expect(lines[0]).toMatchObject({ component: 'jobs', event: 'paused' });
  });

  test('take a job id as it is', () => {
    const [line] = logged({ ...SAMPLES.paused, jobId: '100%% %s "%o"' });
    expect(line).toMatchObject({ msg: '100%% %s "%o": paused (shared)', job_id: '100%% %s "%o"' });
  });

  test.each([
    ['out of order', 'out of order'],
    [7n, '7'],
    [null, 'null'],
    [{ code: 3 }, '{"code":3}'],
    [Symbol('s'), 'Symbol(s)'],
    [{ toJSON: () => raise() }, 'a value that has no text'],
  ])('show %o that a task threw as an error', (error, message) => {
    expect(logged({ ...failed, error })[0]?.['err']).toEqual({ type: 'Object', message, stack: '' });
  });

  test('of a newer core are written too', () => {
    const event = { ...SAMPLES.paused, type: 'hibernated' } as unknown as SchedulerEvent;
    expect(logged(event)[0]).toMatchObject({ level: 30, event: 'hibernated', msg: 'prices: hibernated' });
  });
});

describe('an error that cannot be written does not cost the line', () => {
  test.each([
    [
      'a getter that throws',
      Object.defineProperty(new Error('e'), 'rows', { enumerable: true, get: raise }),
      ': e',
    ],
    ['a message that throws', Object.defineProperty(new Error('e'), 'message', { get: raise }), ''],
    ['a frozen error', Object.freeze(new Error('e')), ': e'],
    ['a proxy that throws', new Proxy({}, { get: raise, has: raise, getPrototypeOf: raise }), ''],
  ])('%s', (_, error, rest) => {
    const message = `an error that could not be written${rest}`;
    expect(logged({ ...failed, error })).toEqual([
      { ...logged(failed)[0], err: { type: 'Object', message, stack: '' } },
    ]);
  });
});

describe('what throws is contained', () => {
  test.each([SAMPLES.paused, failed])('a destination, $type', (event) => {
    const observer = pinoObserver(pino({}, { write: raise }));
    expect(() => observer.onEvent(event)).not.toThrow();
  });
});

describe('wrong options are refused at once', () => {
  const logger = loggerInto([]);

  test.each([
    ['levels.run_begun', { levels: { run_begun: 'info' } }],
    ['levels.toString', { levels: { toString: 'info' } }],
    ['levels.paused', { levels: { paused: 'loud' } }],
    ['levels.paused', { levels: { paused: 30 } }],
    ['levels', { levels: ['info'] }],
    ['levels', { levels: null }],
    ['level', { level: 'info' }],
    ['options', null],
  ])('%s in %o', (option, options) => {
    expect(() => pinoObserver(logger, options as never)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError', option }),
    );
  });

  test.each([undefined, null, {}, console])('logger %#', (wrong) => {
    expect(() => pinoObserver(wrong as never)).toThrow(InvalidOptionError);
  });

  test('a logger without the standard levels', () => {
    const custom = pino({ customLevels: { audit: 35 }, useOnlyCustomLevels: true, level: 'audit' });
    expect(() => pinoObserver(custom as never)).toThrow(/a pino logger with the levels trace/);
  });
});

function raise(): never {
  throw new Error('no');
}
