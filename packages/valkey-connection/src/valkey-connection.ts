import { TimeoutError } from '@cloudiful-scheduler/core';
import { Call, type Commands } from './call.js';
import type { ValkeyClient, ValkeyEndpoint } from './client.js';
import { CommandBatch } from './command-batch.js';
import { Deadlines } from './deadlines.js';
import { type Failure, toFailure } from './failure.js';
import { OwnClient } from './own-client.js';

/** How a {@link ValkeyConnection} is used. */
export interface ValkeyConnectionSettings {
  /** How long a call may take, in milliseconds. */
  readonly commandTimeoutMs: number;
  /** The error to throw for a command that failed. */
  readonly toError: (failure: Failure, what: string) => Error;
}

/** A server and the way that calls to it fail: within a deadline, with errors that are safe to log. */
export class ValkeyConnection {
  readonly #settings: ValkeyConnectionSettings;
  readonly #client: ValkeyClient;
  readonly #own: OwnClient | undefined;
  readonly #batch: CommandBatch;
  /** The calls under way. */
  readonly #calls = new Deadlines();
  #closed = false;
  readonly #whenIdle: (() => void)[] = [];

  constructor(endpoint: ValkeyEndpoint, settings: ValkeyConnectionSettings) {
    this.#settings = settings;
    this.#own =
      endpoint.url === undefined ? undefined : new OwnClient(endpoint.url, settings.commandTimeoutMs);
    this.#client = this.#own?.redis ?? (endpoint.client as ValkeyClient);
    this.#batch = new CommandBatch(this.#client);
  }

  /** Carries out `work` with one deadline for all that it sends. */
  call<T>(what: string, work: (commands: Commands) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(this.#toError(new Error('the connection was closed'), what));
    const { commandTimeoutMs } = this.#settings;
    return new Promise((resolve, reject) => {
      const failed = (error: unknown): void => {
        reject(this.#toError(error, what));
        this.#ended(call);
      };
      const call = new Call(
        this.#client,
        this.#own,
        this.#batch,
        performance.now() + commandTimeoutMs,
        () => {
          this.#own?.reset(call.epoch);
          failed(this.#own?.lastError ?? new TimeoutError(what, commandTimeoutMs));
        },
      );
      this.#calls.add(call);
      try {
        work(call).then((value) => {
          resolve(value);
          this.#ended(call);
        }, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  /** Refuses further calls, waits for those under way, and closes the connection if it was opened here. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#calls.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    this.#own?.close();
  }

  #ended(call: Call): void {
    this.#calls.remove(call);
    if (this.#calls.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #toError(error: unknown, what: string): Error {
    if (error instanceof TimeoutError) return error;
    return this.#settings.toError(toFailure(error, this.#own?.secrets), what);
  }
}
