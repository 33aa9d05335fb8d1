import { ResilientStateStore, type ResilientStateStoreOptions } from '@cloudiful-scheduler/core';
import { checkOptionNames, type ValkeyEndpoint } from '@cloudiful-scheduler/valkey-connection';
import { ValkeyStateStore, type ValkeyStateStoreOptions } from './valkey-state-store.js';

/** Options of {@link ResilientValkeyStateStore}. */
export interface ResilientValkeyStateStoreOptions
  extends ValkeyStateStoreOptions,
    ResilientStateStoreOptions {}

/**
 * A {@link ValkeyStateStore} that goes on from a mirror in this process when the server does not answer: for
 * good, unless `recovery` is given. With `startDegraded` jobs may begin while the server is away.
 *
 * @throws InvalidOptionError for an option that is not allowed.
 * @example
 * ```ts
 * const store = new ResilientValkeyStateStore(
 *   { url: 'valkey://localhost:6379' },
 *   { recovery: { probeEveryMs: 5_000 }, startDegraded: true },
 * );
 * ```
 */
export class ResilientValkeyStateStore extends ResilientStateStore {
  readonly #primary: ValkeyStateStore;

  constructor(endpoint: ValkeyEndpoint, options: ResilientValkeyStateStoreOptions = {}) {
    const known = ['keyPrefix', 'commandTimeoutMs', 'recovery', 'startDegraded', 'clock'];
    checkOptionNames('resilientValkeyStateStore', options, known);
    const { keyPrefix, ...rest } = options;
    const { commandTimeoutMs } = rest;
    const primary = new ValkeyStateStore(endpoint, { keyPrefix, commandTimeoutMs });
    super(primary, rest);
    this.#primary = primary;
  }

  /** Ends probing and closes the store; what was not written back stays unwritten. */
  override async close(): Promise<void> {
    await super.close();
    await this.#primary.close();
  }
}
