import { isSchedulerError, StoreError } from '@cloudiful-scheduler/core';

/** Refusals that stay until a person changes something. */
const DENIED = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
]);

/** What a store throws for an error of the file system; errors of this family stay as they are. */
export function toStoreFailure(error: unknown, what: string): unknown {
  if (isSchedulerError(error)) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const denied = code !== undefined && DENIED.has(code);
  return new StoreError(
    denied ? 'ERR_STORE_DENIED' : 'ERR_STORE_UNAVAILABLE',
    `The file store could not ${what}: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
}
