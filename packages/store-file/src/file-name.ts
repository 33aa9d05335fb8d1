import { createHash } from 'node:crypto';

/** What the files of a job are called by: any id, of any length and with any character, gives a plain name. */
export function jobKey(jobId: string): string {
  // JSON keeps lone surrogates apart, which UTF-8 alone would not.
  return createHash('sha256').update(JSON.stringify(jobId)).digest('hex');
}

/** The file of one revision of a job. */
export function revisionFileName(key: string, number: number): string {
  return `${key}.${number}.state`;
}

/** The inverse of {@link revisionFileName}; `undefined` for any other file. */
export function parseRevisionFileName(
  name: string,
): { readonly key: string; readonly number: number } | undefined {
  const match = /^([0-9a-f]{64})\.([1-9]\d{0,14})\.state$/.exec(name);
  return match === null ? undefined : { key: match[1] as string, number: Number(match[2]) };
}

/** A file that is being written, before it becomes a revision. */
export function temporaryFileName(key: string, nonce: string): string {
  return `${key}.${nonce}.tmp`;
}

/** Whether a file is one that {@link temporaryFileName} names. */
export function isTemporaryFileName(name: string): boolean {
  return /^[0-9a-f]{64}\.[\w-]+\.tmp$/.test(name);
}
