import type { ExecutionLease } from '../execution-guard.js';
import type { RunContext, TaskContext } from '../job.js';

/** Who has the signal of a run, and makes it when it is first asked for. */
interface SignalOwner {
  readonly signal: AbortSignal;
}

/**
 * What a task is called with. Most tasks never look at the signal, and a controller costs more than the rest of a
 * run, so it is made by a getter. That is a property of the context itself, since tasks copy and spread it, and the
 * same function for all, since the platform is slow with objects that each have a getter of their own.
 */
export class RunTaskContext implements TaskContext {
  declare readonly signal: AbortSignal;
  readonly #owner: SignalOwner;

  constructor(
    readonly run: RunContext,
    readonly deps: unknown,
    readonly lease: ExecutionLease | undefined,
    owner: SignalOwner,
  ) {
    this.#owner = owner;
    Object.defineProperty(this, 'signal', SIGNAL);
  }

  static signalOf(context: RunTaskContext): AbortSignal {
    return context.#owner.signal;
  }
}

const SIGNAL: PropertyDescriptor = {
  enumerable: true,
  get(this: RunTaskContext): AbortSignal {
    return RunTaskContext.signalOf(this);
  },
};
