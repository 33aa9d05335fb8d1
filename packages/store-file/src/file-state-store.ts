import { resolve } from 'node:path';
import {
  decodeJobState,
  encodeJobState,
  InvalidOptionError,
  type JobState,
  type Revision,
  type SaveResult,
  type StateStore,
  StoreError,
  type StoredJobState,
} from '@cloudiful-scheduler/core';
import { RevisionChain, revisionOf } from './revision-chain.js';
import { StateDirectory } from './state-directory.js';
import { toStoreFailure } from './store-failure.js';

/** Options of {@link FileStateStore}. */
export interface FileStateStoreOptions {
  /** Where the files are; made when it does not exist. Relative to the working directory at construction. */
  readonly directory: string;
}

/** How often a call begins anew because others changed the record under its hands. */
const ATTEMPTS = 100;

/**
 * Keeps states in the files of one directory: durable, without a server, for the processes of one host.
 * Every save is on the disk before it is reported.
 *
 * A record is a chain of revisions, one small file each. A revision is written to a temporary file, which
 * is then linked under the name of the revision; only one process can do that, so it is the
 * compare-and-set. ADR 10 explains why this holds whenever a process stalls or dies.
 *
 * Calls reject with a `StateDataError` for a file that cannot be used, which is left as it is, and with a
 * `StoreError` for what the file system refuses (kind `denied`) or could not do (kind `connection`).
 *
 * @throws InvalidOptionError for a directory that is not a string, or an option that is not known.
 * @example
 * ```ts
 * const scheduler = new Scheduler({ store: new FileStateStore('./state') });
 * ```
 */
export class FileStateStore implements StateStore {
  readonly shared = true;
  /** The directory, as an absolute path. */
  readonly directory: string;
  readonly #files: StateDirectory;

  constructor(options: string | FileStateStoreOptions) {
    this.directory = resolve(checkDirectory(options));
    this.#files = new StateDirectory(this.directory);
  }

  load(jobId: string): Promise<StoredJobState | undefined> {
    return this.#call('load a state', async () => {
      const chain = new RevisionChain(this.#files, jobId);
      const newest = await chain.newest();
      if (newest === undefined) return undefined;
      const file = chain.parse(newest);
      await chain.tidy(newest);
      if (file.record === null) return undefined;
      return { state: decodeJobState(file.record, jobId), revision: revisionOf(file) };
    });
  }

  save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
    return this.#call('save a state', async () => {
      const text = encodeJobState(state);
      const chain = new RevisionChain(this.#files, state.jobId);
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const base = expected === undefined ? await chain.vacancy() : await chain.known(expected);
        const outcome = base === undefined ? 'conflict' : await chain.append(base, text);
        if (outcome === 'conflict') return { status: 'conflict' };
        if (outcome !== 'vanished') return { status: 'saved', revision: revisionOf(outcome) };
        await this.#files.make();
      }
      throw neverAtRest('save');
    });
  }

  /**
   * Removes the record of a job, also one that cannot be read. What stays is one small file that says so,
   * lest a save that began before should succeed after.
   */
  delete(jobId: string): Promise<void> {
    return this.#call('delete a state', async () => {
      const chain = new RevisionChain(this.#files, jobId);
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const newest = await chain.newest();
        if (newest === undefined) return;
        const base = chain.endOf(newest);
        if (base === undefined) return;
        const outcome = await chain.append(base, null);
        if (typeof outcome !== 'string') return chain.remove(newest.number);
      }
      throw neverAtRest('delete');
    });
  }

  async #call<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toStoreFailure(error, what);
    }
  }
}

function neverAtRest(what: string): StoreError {
  return new StoreError(
    'ERR_STORE_UNAVAILABLE',
    `The state files change faster than this process can ${what}`,
  );
}

function checkDirectory(options: unknown): string {
  if (typeof options === 'string') return checkPath('fileStateStore', options);
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError('fileStateStore', options, 'a path, or an object with the option directory');
  }
  for (const [name, value] of Object.entries(options)) {
    if (name !== 'directory')
      throw new InvalidOptionError(`fileStateStore.${name}`, value, 'one of directory');
  }
  return checkPath('fileStateStore.directory', (options as { directory?: unknown }).directory);
}

function checkPath(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new InvalidOptionError(option, value, 'the path of a directory');
  }
  return value;
}
