import { InvalidOptionError } from '../errors.js';
import type { JobState } from '../job-state.js';
import { checkOptionNames } from '../options.js';
import type { Revision, SaveResult, StateStore, StoredJobState } from '../state-store.js';
import { type PackedState, packState, unpackState } from './packed-state.js';

/** Options of {@link InMemoryStateStore}. */
export interface InMemoryStateStoreOptions {
  /** Whether several engines of this process share the store. Default false. */
  readonly shared?: boolean | undefined;
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
  readonly #records = new Map<string, { readonly packed: PackedState; readonly revision: Revision }>();
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
    return record === undefined
      ? undefined
      : { state: unpackState(record.packed), revision: record.revision };
  }

  async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
    if (this.#records.get(state.jobId)?.revision !== expected) return { status: 'conflict' };
    this.#revisions += 1;
    this.#records.set(state.jobId, { packed: packState(state), revision: this.#revisions });
    return { status: 'saved', revision: this.#revisions };
  }

  async delete(jobId: string): Promise<void> {
    this.#records.delete(jobId);
  }
}
