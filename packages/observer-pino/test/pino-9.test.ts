import { pino } from 'pino-9';
import { expect, test, vi } from 'vitest';
import { pinoObserver } from '../src/index.js';
import { SAMPLES } from './samples.js';

// All tests again, with the older of the two major versions.
vi.mock('pino', () => import('pino-9'));
await import('../src/pino-observer.test.js');
await import('./every-event.test.js');
await import('./scheduler.test.js');

test('a logger of pino 9 is taken as it is typed, with its custom levels', () => {
  const lines: string[] = [];
  const logger = pino({ customLevels: { audit: 35 } }, { write: (line) => void lines.push(line) });
  expect(logger.version).toMatch(/^9\./);
  pinoObserver(logger, { levels: { paused: 'audit' } }).onEvent(SAMPLES.paused);
  expect(lines.join('')).toContain('"level":35');
});
