import { hash, randomBytes } from 'node:crypto';
import { decodeJobState, encodeJobState, type JobState, StateDataError } from '@cloudiful-scheduler/core';

const writer = randomBytes(9).toString('base64url');
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
let writes = 0;

/**
 * The text that is stored: the record of the codec and a `write_id` that no other write has, so that a state
 * which returns to what it was is still seen as changed. The Rust crate ignores fields that it does not know,
 * and cannot read a message that was cut within a character.
 */
export function encodeRecord(state: JobState): string {
  writes += 1;
  const { lastError } = state;
  const readable =
    lastError === undefined ? state : { ...state, lastError: lastError.replace(/\p{Surrogate}/gu, '\ufffd') };
  return `${encodeJobState(readable).slice(0, -1)},"write_id":"${writer}-${writes}"}`;
}

/** Reads a record that this store or the Rust crate wrote. */
export function decodeRecord(bytes: Uint8Array, jobId: string): JobState {
  let text: string;
  try {
    text = strictUtf8.decode(bytes);
  } catch (cause) {
    throw new StateDataError(
      'ERR_STATE_CORRUPT',
      `The stored state of job ${JSON.stringify(jobId)} is not UTF-8`,
      {
        jobId,
        cause,
      },
    );
  }
  return decodeJobState(text, jobId);
}

/** Names a stored value by its content, whoever wrote it. */
export function revisionOf(value: string | Uint8Array): string {
  return hash('sha1', value);
}
