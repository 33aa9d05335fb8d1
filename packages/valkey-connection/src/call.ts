import type { ValkeyArgument, ValkeyClient } from './client.js';
import type { CommandBatch } from './command-batch.js';
import type { Deadline } from './deadlines.js';
import type { OwnClient } from './own-client.js';
import type { Script } from './script.js';

/** The commands that one call may send until its deadline has passed. */
export interface Commands {
  /** The bytes at a key. */
  read(key: string | Buffer): Promise<Buffer | null>;
  /** Deletes a key. */
  remove(key: string | Buffer): Promise<number>;
  /** Runs a script, sending its source only when the server does not know it. */
  run(
    script: Script,
    keys: readonly (string | Buffer)[],
    values: readonly ValkeyArgument[],
  ): Promise<unknown>;
}

/** A call that is under way. */
export class Call implements Commands, Deadline {
  /** The connection that it began on. */
  readonly epoch: number;
  #expired = false;

  constructor(
    private readonly client: ValkeyClient,
    /** The same client, if it was opened here. */
    private readonly own: OwnClient | undefined,
    private readonly batch: CommandBatch,
    readonly dueAt: number,
    private readonly onExpired: () => void,
  ) {
    this.epoch = own?.epoch ?? 0;
  }

  expire(): void {
    this.#expired = true;
    this.onExpired();
  }

  read(key: string | Buffer): Promise<Buffer | null> {
    return this.#send((client) => client.getBuffer(key), key);
  }

  remove(key: string | Buffer): Promise<number> {
    return this.#send((client) => client.del(key), key);
  }

  run(
    script: Script,
    keys: readonly (string | Buffer)[],
    values: readonly ValkeyArgument[],
  ): Promise<unknown> {
    return this.#send(
      () =>
        new Promise((resolve, reject) => {
          const isExpired = (): boolean => this.#expired;
          this.batch.run(script, { keys, values, isExpired, resolve, reject });
        }),
    );
  }

  #send<T>(command: (client: ValkeyClient) => Promise<T>, key?: string | Buffer): Promise<T> {
    if (this.own === undefined || this.own.isReady) return this.#sendNow(command, key);
    return this.own.ready().then(() => this.#sendNow(command, key));
  }

  #sendNow<T>(command: (client: ValkeyClient) => Promise<T>, key: string | Buffer | undefined): Promise<T> {
    if (this.#expired) return Promise.reject(new Error('The deadline has passed'));
    this.batch.open(key);
    return command(this.client);
  }
}
