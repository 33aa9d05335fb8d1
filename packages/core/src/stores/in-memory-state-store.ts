import { InvalidOptionError } from '../errors.js';
import type { JobState } from '../job-state.js';
import { checkOptionNames } from '../options.js';
import type { Revision, SaveResult, StateStore, StoredJobState } from '../state-store.js';
import { PackedState } from './packed-state.js';

/** Options of {@link InMemoryStateStore}. */
export interface InMemoryStateStoreOptions {
  /** Whether several engines of this process share the store. Default false. */
  readonly shared?: boolean | undefined;
}

interface StoredRecord {
  readonly packed: PackedState;
  revision: number;
}

/**
 * Keeps states in this process; they end with it. The default store of a scheduler, and a stand-in for
 * a shared one in tests.
 *
 * @throws InvalidOptionError for an option that is not allowed.
 * @example
 * ```ts
 * const store = new InMemoryStateStore({ shared: true });
 * const instances = [new Scheduler({ store }), new Scheduler({ store })];
 * ```
 */
export class InMemoryStateStore implements StateStore {
  readonly shared: boolean;
  readonly #records = new Map<string, StoredRecord>();
  #revisions = 0;

  constructor(options: InMemoryStateStoreOptions = {}) {
    checkOptionNames('inMemoryStateStore', options, ['shared']);
    const { shared = false } = options;
    if (typeof shared !== 'boolean')
      throw new InvalidOptionError('inMemoryStateStore.shared', shared, 'true or false');
    this.shared = shared;
  }

  async load(jobId: string): Promise<StoredJobState | undefined> {
    const record = this.#records.get(jobId);
    return record && { state: record.packed.get(), revision: record.revision };
  }

  async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
    const record = this.#records.get(state.jobId);
    if (record?.revision !== expected) return { status: 'conflict' };
    this.#revisions += 1;
    const revision = this.#revisions;
    if (record === undefined) this.#records.set(state.jobId, { packed: new PackedState(state), revision });
    else {
      record.packed.set(state);
      record.revision = revision;
    }
    return { status: 'saved', revision };
  }

  async delete(jobId: string): Promise<void> {
    this.#records.delete(jobId);
  }
}
