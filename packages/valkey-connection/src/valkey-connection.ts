import { TimeoutError } from '@cloudiful-scheduler/core';
import type { ValkeyArgument, ValkeyClient, ValkeyEndpoint } from './client.js';
import { type Failure, toFailure } from './failure.js';
import { OwnClient } from './own-client.js';
import type { Script } from './script.js';

/** How a {@link ValkeyConnection} is used. */
export interface ValkeyConnectionSettings {
  /** How long a call may take, in milliseconds. */
  readonly commandTimeoutMs: number;
  /** The error to throw for a command that failed. */
  readonly toError: (failure: Failure, what: string) => Error;
}

/** The commands that one call may send until its deadline has passed. */
export interface Commands {
  /** The bytes at a key. */
  read(key: string | Buffer): Promise<Buffer | null>;
  /** Deletes a key. */
  remove(key: string | Buffer): Promise<void>;
  /** Runs a script, sending its source only when the server does not know it. */
  run(
    script: Script,
    keys: readonly (string | Buffer)[],
    values: readonly ValkeyArgument[],
  ): Promise<unknown>;
}

/** A server and the way that calls to it fail: within a deadline, with errors that are safe to log. */
export class ValkeyConnection {
  readonly #settings: ValkeyConnectionSettings;
  readonly #client: ValkeyClient;
  readonly #own: OwnClient | undefined;
  #pending = 0;
  #closed = false;
  #onIdle: (() => void) | undefined;

  constructor(endpoint: ValkeyEndpoint, settings: ValkeyConnectionSettings) {
    this.#settings = settings;
    this.#own =
      endpoint.url === undefined ? undefined : new OwnClient(endpoint.url, settings.commandTimeoutMs);
    this.#client = this.#own?.redis ?? (endpoint.client as ValkeyClient);
  }

  /** Carries out `work` with one deadline for all that it sends. */
  async call<T>(what: string, work: (commands: Commands) => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#settings.toError(toFailure(new Error('the connection was closed')), what);
    this.#pending += 1;
    try {
      return await this.#withDeadline(what, work);
    } catch (error) {
      if (error instanceof TimeoutError) throw error;
      throw this.#settings.toError(toFailure(error, this.#own?.secrets), what);
    } finally {
      this.#pending -= 1;
      if (this.#pending === 0) this.#onIdle?.();
    }
  }

  /** Refuses further calls, waits for those under way, and closes the connection if it was opened here. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#pending > 0) {
      const { promise, resolve } = withResolver();
      const earlier = this.#onIdle;
      this.#onIdle = () => {
        earlier?.();
        resolve();
      };
      await promise;
    }
    this.#own?.close();
  }

  #withDeadline<T>(what: string, work: (commands: Commands) => Promise<T>): Promise<T> {
    const { commandTimeoutMs } = this.#settings;
    const epoch = this.#own?.epoch ?? 0;
    return new Promise((resolve, reject) => {
      let expired = false;
      const expire = () => {
        expired = true;
        this.#own?.reset(epoch);
        reject(this.#own?.lastError ?? new TimeoutError(what, commandTimeoutMs));
      };
      // After a stall of this process the answer may be there already, waiting to be read.
      let turn: NodeJS.Immediate | undefined;
      const timer = setTimeout(() => {
        turn = setImmediate(expire);
      }, commandTimeoutMs);
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        clearImmediate(turn);
        outcome();
      };
      work(this.#commands(() => expired)).then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  #commands(isExpired: () => boolean): Commands {
    const send = async <T>(command: (client: ValkeyClient) => Promise<T>): Promise<T> => {
      await this.#own?.ready();
      if (isExpired()) throw new Error('The deadline has passed');
      this.#own?.batch();
      return command(this.#client);
    };
    return {
      read: (key) => send((client) => client.getBuffer(key)),
      remove: async (key) => {
        await send((client) => client.del(key));
      },
      run: async (script, keys, values) => {
        try {
          return await send((client) => client.evalsha(script.sha1, keys.length, ...keys, ...values));
        } catch (error) {
          if (!isNoScript(error)) throw error;
          return await send((client) => client.eval(script.source, keys.length, ...keys, ...values));
        }
      },
    };
  }
}

function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
