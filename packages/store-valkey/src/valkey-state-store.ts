import {
  type JobState,
  type Revision,
  type SaveResult,
  StateDataError,
  type StateStore,
  StoreError,
  type StoredJobState,
} from '@cloudiful-scheduler/core';
import {
  checkEndpoint,
  checkMilliseconds,
  checkOptionNames,
  checkString,
  type Commands,
  type Failure,
  keyBytes,
  ValkeyConnection,
  type ValkeyEndpoint,
} from '@cloudiful-scheduler/valkey-connection';
import { decodeRecord, encodeRecord, revisionOf } from './record.js';
import { SAVE } from './scripts.js';

/** Options of {@link ValkeyStateStore}. */
export interface ValkeyStateStoreOptions {
  /** What the keys begin with, followed by the job id. Default `scheduler:valkey:job-state:`. */
  readonly keyPrefix?: string | undefined;
  /** How long the server may take to answer a call, in milliseconds. Default 5,000. */
  readonly commandTimeoutMs?: number | undefined;
}

const PATH = 'valkeyStateStore';
const OPTION_NAMES = ['keyPrefix', 'commandTimeoutMs'];
const DEFAULT_PREFIX = 'scheduler:valkey:job-state:';
/** Where early versions of the Rust crate kept their records. */
const LEGACY_PREFIX = 'scheduler:job-state:';
const COMMANDS = '+evalsha +eval +get +set +del +info';
/** Marks the revision of a record under the legacy prefix. */
const LEGACY_MARK = 'legacy:';

/**
 * Keeps states on a Valkey or redis server, one key per job, for all instances that use it. Records and keys
 * are those of the Rust crate `cloudiful-scheduler`; with the default prefix, what an early version of it left
 * under `scheduler:job-state:` is read too.
 *
 * Calls reject with a `StateDataError` for a record that cannot be used, which is left as it is, with a
 * `StoreError` of kind `denied` for what will not heal by itself (a wrong password, a missing permission), and
 * with a `StoreError` or `TimeoutError` of kind `connection` for everything else. A call that failed so may
 * have been carried out.
 *
 * @throws InvalidOptionError for an option that is not allowed.
 * @example
 * ```ts
 * const store = new ValkeyStateStore({ url: 'valkey://localhost:6379' });
 * const scheduler = new Scheduler({ store });
 * ```
 */
export class ValkeyStateStore implements StateStore {
  readonly shared = true;
  readonly #keyPrefix: string;
  readonly #connection: ValkeyConnection;

  constructor(endpoint: ValkeyEndpoint, options: ValkeyStateStoreOptions = {}) {
    checkOptionNames(PATH, options, OPTION_NAMES);
    const { keyPrefix = DEFAULT_PREFIX, commandTimeoutMs = 5_000 } = options;
    this.#keyPrefix = checkString(`${PATH}.keyPrefix`, keyPrefix);
    this.#connection = new ValkeyConnection(checkEndpoint(PATH, endpoint, OPTION_NAMES), {
      commandTimeoutMs: checkMilliseconds(`${PATH}.commandTimeoutMs`, commandTimeoutMs, 1),
      toError: (failure, what) => this.#toError(failure, what),
    });
  }

  async load(jobId: string): Promise<StoredJobState | undefined> {
    const found = await this.#connection.call('store.load', async (commands) => {
      const bytes = await commands.read(this.#key(jobId));
      if (bytes !== null) return { bytes, revision: revisionOf(bytes) };
      const legacy = await this.#readLegacy(commands, jobId);
      return legacy && { bytes: legacy, revision: legacyRevision(legacy) };
    });
    return found && { state: decodeRecord(found.bytes, jobId), revision: found.revision };
  }

  async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
    const record = encodeRecord(state);
    const key = this.#key(state.jobId);
    const isFirst = expected === undefined || String(expected).startsWith(LEGACY_MARK);
    const answer = await this.#connection.call('store.save', (commands) =>
      isFirst
        ? this.#saveFirst(commands, state.jobId, expected, record)
        : commands.run(SAVE, [key], [expected, record]),
    );
    return Number(answer) === 1 ? { status: 'saved', revision: revisionOf(record) } : { status: 'conflict' };
  }

  /** Writes where nothing is yet, unless the legacy record is not the one that is expected. */
  async #saveFirst(
    commands: Commands,
    jobId: string,
    expected: Revision | undefined,
    record: string,
  ): Promise<unknown> {
    const legacy = await this.#readLegacy(commands, jobId);
    if ((legacy && legacyRevision(legacy)) !== expected) return 0;
    return commands.run(SAVE, [this.#key(jobId)], ['', record]);
  }

  /** Removes the record of a job under either prefix, also one that cannot be read. */
  delete(jobId: string): Promise<void> {
    return this.#connection.call('store.delete', async (commands) => {
      // In this order a failure between the two leaves the newer record.
      const legacy = this.#legacyKey(jobId);
      if (legacy !== undefined) await commands.remove(legacy);
      await commands.remove(this.#key(jobId));
    });
  }

  /**
   * Refuses further calls, waits for those under way and closes the connection, unless the caller gave the
   * client: that stays open.
   */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** As {@link ValkeyStateStore.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #readLegacy(commands: Commands, jobId: string): Promise<Buffer | undefined> {
    const key = this.#legacyKey(jobId);
    return key === undefined ? undefined : ((await commands.read(key)) ?? undefined);
  }

  #key(jobId: string): string | Buffer {
    return keyBytes(this.#keyPrefix + jobId);
  }

  #legacyKey(jobId: string): string | Buffer | undefined {
    return this.#keyPrefix === DEFAULT_PREFIX ? keyBytes(LEGACY_PREFIX + jobId) : undefined;
  }

  #toError({ kind, message, cause }: Failure, what: string): Error {
    switch (kind) {
      case 'denied': {
        const keys = this.#keyPrefix === DEFAULT_PREFIX ? [DEFAULT_PREFIX, LEGACY_PREFIX] : [this.#keyPrefix];
        const needed = `${COMMANDS} ${keys.map((prefix) => `~${prefix}*`).join(' ')}`;
        return new StoreError(
          'ERR_STORE_DENIED',
          `${what} was refused: ${message} (a user of the store needs ${needed})`,
          { cause },
        );
      }
      case 'data':
        return new StateDataError(
          'ERR_STATE_CORRUPT',
          `${what} found something that is not a record: ${message}`,
          { cause },
        );
      case 'connection':
        return new StoreError('ERR_STORE_UNAVAILABLE', `${what} failed: ${message}`, { cause });
    }
  }
}

function legacyRevision(record: Buffer): string {
  return `${LEGACY_MARK}${revisionOf(record)}`;
}
