import { isSchedulerError, StateDataError } from '@cloudiful-scheduler/core';
import { expect, it } from 'vitest';
import { toStoreFailure } from './store-failure.js';

const failure = (code: string) => Object.assign(new Error(`${code}: no`), { code });

it.each(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENAMETOOLONG'])('takes %s for a refusal', (code) => {
  const cause = failure(code);
  expect(toStoreFailure(cause, 'save a state')).toMatchObject({
    code: 'ERR_STORE_DENIED',
    kind: 'denied',
    cause,
  });
});

it.each(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EBUSY', 'ESTALE', 'ETIMEDOUT'])(
  'takes %s for what may heal',
  (code) => {
    const cause = failure(code);
    const error = toStoreFailure(cause, 'save a state');
    expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', kind: 'connection', cause });
    expect(isSchedulerError(error) && error.message).toBe(
      `The file store could not save a state: ${code}: no`,
    );
  },
);

it('takes what has no code for what may heal, and keeps errors of this family', () => {
  for (const thrown of [new Error('no'), 'no', null, undefined]) {
    expect(toStoreFailure(thrown, 'load a state')).toMatchObject({ kind: 'connection', cause: thrown });
  }
  const error = new StateDataError('ERR_STATE_CORRUPT', 'damaged');
  expect(toStoreFailure(error, 'load a state')).toBe(error);
});
