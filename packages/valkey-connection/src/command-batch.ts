import type { ValkeyArgument, ValkeyClient } from './client.js';
import type { Script } from './script.js';

/** How many items are sent with one command at most, so that the server is never held up for long. */
const MOST_ITEMS = 64;
/** How long their keys and values may be in all, in characters; one item alone may be longer. */
const MOST_CHARACTERS = 131_072;

/** One item of a script, waiting for its answer. */
export interface ScriptItem {
  readonly keys: readonly (string | Buffer)[];
  readonly values: readonly ValkeyArgument[];
  /** Whether nobody waits for the answer any more. */
  isExpired(): boolean;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** A script with the items that it is to be sent with. */
class ScriptCommand {
  readonly items: ScriptItem[] = [];
  #length = 0;

  constructor(readonly script: Script) {}

  /** Takes up an item, if there is room for it. */
  take(item: ScriptItem): boolean {
    const length = lengthOf(item);
    const isFull = this.items.length >= MOST_ITEMS || this.#length + length > MOST_CHARACTERS;
    if (isFull && this.items.length > 0) return false;
    this.items.push(item);
    this.#length += length;
    return true;
  }
}

/**
 * Sends together what is asked for until the present turn of the event loop ends: all of it in one write, since a
 * write to the socket costs more than all else of a command, and the items of one script in one command. What
 * changes the same keeps its order.
 */
export class CommandBatch {
  #isOpen = false;
  /** Whether the server takes keys of several jobs in one command: not in Cluster, where they are in several slots. */
  #mixesJobs = true;
  /** What is to be sent when the turn ends, in this order. */
  #waiting: ScriptCommand[] = [];
  /** Of each script the command that takes further items, as its place in that order. */
  readonly #places = new Map<Script, number>();
  /** The place of the last command that changes a subject. */
  readonly #subjects = new Map<string, number>();

  constructor(private readonly client: ValkeyClient) {}

  /** To be called before each command. One for `key` comes after the scripts that wait and change it. */
  open(key?: string | Buffer): void {
    if (key !== undefined && this.#subjects.has(String(key))) this.#flush();
    const { stream } = this.client;
    if (this.#isOpen || stream?.cork === undefined) return;
    this.#isOpen = true;
    stream.cork();
    process.nextTick(() => {
      this.#isOpen = false;
      this.#flush();
      stream.uncork?.();
    });
  }

  run(script: Script, item: ScriptItem): void {
    this.open();
    if (!this.#isOpen || !this.#mixesJobs) {
      void this.#send(script, [item]);
      return;
    }
    const subject = String(item.keys[script.subject]);
    const place = this.#places.get(script) ?? -1;
    // Not in a command that is sent before another one that changes the same.
    const isLate = place < (this.#subjects.get(subject) ?? 0);
    if (isLate || this.#waiting[place]?.take(item) !== true) {
      const command = new ScriptCommand(script);
      command.take(item);
      this.#places.set(script, this.#waiting.push(command) - 1);
    }
    this.#subjects.set(subject, this.#places.get(script) as number);
  }

  #flush(): void {
    const commands = this.#waiting;
    this.#waiting = [];
    this.#places.clear();
    this.#subjects.clear();
    for (const { script, items } of commands) void this.#send(script, items);
  }

  /** Sends a script by the name that the server has for it, and its source only when the server does not know it. */
  async #send(script: Script, items: readonly ScriptItem[], isKnown = true): Promise<void> {
    const keys = items.flatMap((item) => item.keys);
    const values = items.flatMap((item) => item.values);
    try {
      const answers = (await (isKnown
        ? this.client.evalsha(script.sha1, keys.length, ...keys, ...values)
        : this.client.eval(script.source, keys.length, ...keys, ...values))) as readonly unknown[];
      items.forEach((item, index) => {
        const answer = answers[index];
        if (!(answer instanceof Error)) item.resolve(answer);
        else if (items.length === 1) item.reject(answer);
        // By itself, so that the client sees the error: it may be told to reconnect on it, as after a failover.
        else this.#sendAgain(script, [item], answer);
      });
    } catch (error) {
      this.#failed(script, items, error, isKnown);
    }
  }

  #failed(script: Script, items: readonly ScriptItem[], error: unknown, isKnown: boolean): void {
    if (isKnown && isRefusal(error, 'NOSCRIPT')) this.#sendAgain(script, items, error, false);
    else if (items.length > 1 && isRefusal(error)) {
      // One item that is refused, such as a key that the user may not touch, has all of them refused.
      if (isRefusal(error, 'CROSSSLOT')) this.#mixesJobs = false;
      for (const item of items) this.#sendAgain(script, [item], error);
    } else for (const item of items) item.reject(error);
  }

  /** Sends items once more that somebody waits for still. */
  #sendAgain(script: Script, items: readonly ScriptItem[], error: unknown, isKnown = true): void {
    const wanted = items.filter((item) => !item.isExpired());
    for (const item of items) if (item.isExpired()) item.reject(error);
    if (wanted.length === 0) return;
    this.open();
    void this.#send(script, wanted, isKnown);
  }
}

function lengthOf({ keys, values }: ScriptItem): number {
  let length = 0;
  for (const key of keys) length += key.length;
  for (const value of values) length += typeof value === 'number' ? 8 : value.length;
  return length;
}

/** Whether the server answered that it will not carry out a command. */
function isRefusal(error: unknown, code = ''): error is Error {
  return error instanceof Error && error.name === 'ReplyError' && error.message.startsWith(code);
}
