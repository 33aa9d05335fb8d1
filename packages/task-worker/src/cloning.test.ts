import { isSchedulerError, LeaseLostError } from '@cloudiful-scheduler/core';
import { expect, test } from 'vitest';
import { decodeThrown, encodeThrown, findNotCloneable } from '../worker/cloning.mjs';

class Connection {
  readonly socket = { close: () => undefined };
}

test('data can be cloned', () => {
  const circle: Record<string, unknown> = {
    at: new Date(),
    map: new Map([[1, new Set([2n])]]),
    bytes: new Uint8Array(2),
  };
  circle['self'] = circle;
  expect(findNotCloneable(circle, 'deps')).toBeUndefined();
});

test.each([
  [() => undefined, 'deps', 'a function'],
  [{ 'a b': [0, Symbol('x')] }, 'deps["a b"][1]', 'Symbol(x)'],
  [{ later: Promise.resolve() }, 'deps.later', 'an object of class Promise'],
  [{ db: new Connection() }, 'deps.db.socket.close', 'a function'],
  [new Map([['k', new WeakMap()]]), 'deps.get("k")', 'an object of class WeakMap'],
  [new Set([() => undefined]), 'deps.values()', 'a function'],
])('what cannot be cloned is found, case %#', (value, path, what) => {
  expect(findNotCloneable(value, 'deps')).toEqual({ path, what });
});

test('it is found in a circle, and behind a getter that throws', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  circle['send'] = () => undefined;
  expect(findNotCloneable(circle, 'deps')?.path).toBe('deps.send');
  const trap = Object.defineProperty({}, 'x', {
    enumerable: true,
    get: () => {
      throw new Error('no');
    },
  });
  expect(findNotCloneable(trap, 'deps')).toEqual({ path: 'deps', what: 'an object' });
});

test('an error of the family is still one on the other side', () => {
  const decoded = decodeThrown(structuredClone(encodeThrown(new LeaseLostError('gone', new Error('why')))));
  expect(isSchedulerError(decoded, 'ERR_LEASE_LOST')).toBe(true);
  expect(decoded).toMatchObject({ name: 'LeaseLostError', message: 'gone', cause: { message: 'why' } });
});

test('data of an error that cannot be cloned is left out, and a circle of causes ends', () => {
  const error = Object.assign(new Error('outer'), { retry: () => undefined, rows: 3 });
  error.cause = error;
  const decoded = decodeThrown(structuredClone(encodeThrown(error)));
  expect(decoded).toMatchObject({ message: 'outer', rows: 3, cause: { message: 'outer' } });
  expect(decoded).not.toHaveProperty('retry');
});

test('what is thrown but is no error and cannot be cloned is told in words', () => {
  expect(decodeThrown(encodeThrown(() => undefined))).toBe('a function');
});
