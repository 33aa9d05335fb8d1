import { createHash } from 'node:crypto';
import { decodeJobState, encodeJobState, StoreError } from '@cloudiful-scheduler/core';

const TIMEOUT_MS = 5_000;

/** Keeps job states in a key/value service that speaks HTTP, with the ETag of a value as its revision. */
export class HttpStateStore {
  shared = true; // others may use the same service

  /** @param url - Where the values go; ends in a slash. */
  constructor(url) {
    this.url = url;
  }

  async load(jobId) {
    const response = await this.#send('GET', jobId);
    if (response.status === 404) return undefined;
    // decodeJobState says what is wrong with a damaged record; such an error ends the job.
    return { state: decodeJobState(await bodyOf(response), jobId), revision: response.headers.get('etag') };
  }

  async save(state, expected) {
    const condition = expected === undefined ? { 'If-None-Match': '*' } : { 'If-Match': expected };
    const response = await this.#send('PUT', state.jobId, condition, encodeJobState(state));
    if (response.status === 412) return { status: 'conflict' };
    return { status: 'saved', revision: response.headers.get('etag') };
  }

  async delete(jobId) {
    await this.#send('DELETE', jobId);
  }

  /** Answers that say nothing about the record are errors: the engine waits and tries again. */
  async #send(method, jobId, headers, body) {
    const response = await fetch(this.url + keyOf(jobId), {
      method,
      headers,
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(unavailable);
    if (response.ok || response.status === 404 || response.status === 412) return response;
    if (response.status === 401 || response.status === 403) {
      throw new StoreError('ERR_STORE_DENIED', `The service refuses: ${response.status}`);
    }
    throw new StoreError('ERR_STORE_UNAVAILABLE', `The service answered ${response.status}`);
  }
}

function bodyOf(response) {
  return response.text().catch(unavailable);
}

function unavailable(cause) {
  throw new StoreError('ERR_STORE_UNAVAILABLE', 'The service does not answer', { cause });
}

/** Job ids may be long, and hold any character; a hash of them is short, and fit for a URL. */
function keyOf(jobId) {
  return createHash('sha256').update(Buffer.from(jobId, 'utf16le')).digest('hex');
}
