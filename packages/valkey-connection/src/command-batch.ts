import type { ValkeyArgument, ValkeyClient } from './client.js';
import type { Script } from './script.js';

/** How many items are sent with one script at most, so that the server is never held up for long. */
const MOST_ITEMS = 64;

/** One item of a script, waiting for its answer. */
export interface ScriptItem {
  readonly keys: readonly (string | Buffer)[];
  readonly values: readonly ValkeyArgument[];
  /** Whether nobody waits for the answer any more. */
  isExpired(): boolean;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/**
 * Sends together what is asked for until the present turn of the event loop ends: all of it in one write, since a
 * write to the socket costs more than all else of a command, and the items of one script in one command.
 */
export class CommandBatch {
  #isOpen = false;
  /** Whether the server takes keys of several jobs in one command: not in Cluster, where they are in several slots. */
  #mixesJobs = true;
  readonly #waiting = new Map<Script, ScriptItem[]>();

  constructor(private readonly client: ValkeyClient) {}

  /** To be called before each command. */
  open(): void {
    const { stream } = this.client;
    if (this.#isOpen || stream?.cork === undefined) return;
    this.#isOpen = true;
    stream.cork();
    process.nextTick(() => {
      this.#isOpen = false;
      for (const [script, items] of this.#waiting) this.#sendAll(script, items);
      this.#waiting.clear();
      stream.uncork?.();
    });
  }

  run(script: Script, item: ScriptItem): void {
    this.open();
    if (!this.#isOpen || !this.#mixesJobs) {
      void this.#send(script, [item]);
      return;
    }
    const items = this.#waiting.get(script);
    if (items === undefined) this.#waiting.set(script, [item]);
    else items.push(item);
  }

  #sendAll(script: Script, items: readonly ScriptItem[]): void {
    for (let from = 0; from < items.length; from += MOST_ITEMS) {
      void this.#send(script, items.slice(from, from + MOST_ITEMS));
    }
  }

  async #send(script: Script, items: readonly ScriptItem[]): Promise<void> {
    try {
      const answers = await this.#evaluate(script, items);
      items.forEach((item, index) => {
        const answer = answers[index];
        if (answer instanceof Error) item.reject(answer);
        else item.resolve(answer);
      });
    } catch (error) {
      if (items.length > 1 && isRefusal(error)) this.#sendApart(script, items, error);
      else for (const item of items) item.reject(error);
    }
  }

  /** One item that is refused, such as a key that the user may not touch, has all of them refused. */
  #sendApart(script: Script, items: readonly ScriptItem[], error: Error): void {
    if (error.message.startsWith('CROSSSLOT')) this.#mixesJobs = false;
    for (const item of items) {
      if (item.isExpired()) continue;
      this.open();
      void this.#send(script, [item]);
    }
  }

  /** Sends the source of the script only when the server does not know it. */
  async #evaluate({ sha1, source }: Script, items: readonly ScriptItem[]): Promise<readonly unknown[]> {
    const keys = items.flatMap((item) => item.keys);
    const values = items.flatMap((item) => item.values);
    try {
      return (await this.client.evalsha(sha1, keys.length, ...keys, ...values)) as readonly unknown[];
    } catch (error) {
      if (!isRefusal(error) || !error.message.startsWith('NOSCRIPT')) throw error;
      if (items.every((item) => item.isExpired())) throw error;
      this.open();
      return (await this.client.eval(source, keys.length, ...keys, ...values)) as readonly unknown[];
    }
  }
}

/** Whether the server answered that it will not carry out a command. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
