import { type MessagePort, MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { InvalidOptionError, type TaskContext } from '@cloudiful-scheduler/core';
import { decodeThrown, type EncodedThrown, encodeThrown, findNotCloneable } from '../worker/cloning.mjs';
import { NotCloneableError, WorkerCrashedError } from './errors.js';
import type { WorkerSettings } from './options.js';

/** What `runTask` in `worker/run-task.mjs` is called with. */
export interface WorkerCall {
  readonly url: string;
  readonly exportName: string;
  readonly port: MessagePort;
  readonly state: Int32Array;
}

/** Gives a call to a thread; an abort of `end` ends the thread, or takes the call back. */
export type CallWorker = (call: WorkerCall, end: AbortSignal) => Promise<unknown>;

type Answer =
  | { readonly status: 'completed'; readonly result: unknown }
  | { readonly status: 'failed'; readonly thrown: EncodedThrown }
  | { readonly status: 'aborted' }
  | { readonly status: 'no_function'; readonly functions: readonly string[] }
  | {
      readonly status: 'not_cloneable';
      readonly path: string;
      readonly what: string;
      readonly thrown: EncodedThrown;
    };

/** States of a run, as `worker/run-task.mjs` has them. */
const WAITING = 0;
const STARTED = 1;
const WITHDRAWN = 2;

/**
 * One run in a worker thread. Its context and, later, its abort go through a channel of its own, and so does the
 * answer: what cannot be cloned is then an error of the run, thrown before there is a thread.
 */
export class WorkerRun {
  readonly #channel = new MessageChannel();
  readonly #state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #end = new AbortController();
  #grace: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly signal: AbortSignal,
  ) {}

  /** Runs the task; rejects with what it throws, or why it could not be run to its end. */
  async execute({ run, deps, lease }: TaskContext, callWorker: CallWorker): Promise<unknown> {
    const { signal } = this;
    const abort = () => this.#abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      this.#send({ run, deps, lease });
      const { url, exportName } = this.settings;
      const call = { url, exportName, port: this.#channel.port2, state: this.#state };
      try {
        await callWorker(call, this.#end.signal);
      } catch (error) {
        this.#end.signal.throwIfAborted();
        return this.#result(error); // the thread may have ended right after the answer
      }
      return this.#result(new WorkerCrashedError(url, new Error('no answer')));
    } finally {
      signal.removeEventListener('abort', abort);
      clearTimeout(this.#grace);
      this.#channel.port1.close();
    }
  }

  /** Ends the run and, if it has one, its thread. */
  end(reason: unknown): void {
    this.#end.abort(reason);
  }

  /** Ends the run if its task was not called; it never will be then. Whether it is so. */
  withdraw(reason: unknown): boolean {
    if (Atomics.compareExchange(this.#state, 0, WAITING, WITHDRAWN) === STARTED) return false;
    this.end(reason);
    return true;
  }

  #send(context: Readonly<Record<'run' | 'deps' | 'lease', unknown>>): void {
    try {
      this.#channel.port1.postMessage({ context });
    } catch (error) {
      for (const [name, value] of Object.entries(context)) {
        const found = findNotCloneable(value, name);
        if (found !== undefined) throw new NotCloneableError(found.path, found.what, error);
      }
      throw error;
    }
  }

  #abort(): void {
    const reason: unknown = this.signal.reason;
    if (this.withdraw(reason)) return;
    this.#channel.port1.postMessage({ reason: encodeThrown(reason) });
    this.#grace = setTimeout(() => this.end(reason), this.settings.abortGraceMs);
  }

  /** What the function returned or threw; throws `failure` if there is no answer. */
  #result(failure: unknown): unknown {
    const answer = receiveMessageOnPort(this.#channel.port1)?.message as Answer | undefined;
    switch (answer?.status) {
      case 'completed':
        return answer.result;
      case 'failed':
        throw decodeThrown(answer.thrown);
      case 'aborted':
        throw this.signal.reason;
      case 'no_function':
        throw noFunction(this.settings, answer.functions);
      case 'not_cloneable':
        throw new NotCloneableError(answer.path, answer.what, decodeThrown(answer.thrown));
      case undefined:
        throw failure;
    }
  }
}

function noFunction({ url, exportName }: WorkerSettings, functions: readonly string[]): InvalidOptionError {
  return new InvalidOptionError(
    'workerTask.export',
    exportName,
    `one of the functions that ${url} exports: ${functions.length === 0 ? 'there are none' : functions.join(', ')}`,
  );
}
