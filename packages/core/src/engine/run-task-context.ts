import type { ExecutionLease } from '../execution-guard.js';
import type { RunContext, TaskContext } from '../job.js';

/** Who has the signal of a run, and makes it when it is first asked for. */
interface SignalOwner {
  readonly signal: AbortSignal;
}

/** Where a context keeps the owner of its signal: not private, so that it is found through proxies and heirs too. */
const OWNER = Symbol('owner');

/**
 * What a task is called with. Most tasks never look at the signal, and a controller costs more than the rest of a
 * run, so it is made by a getter. That is a property of the context itself, since tasks copy and spread it, and the
 * same function for all, since the platform is slow with objects that each have a getter of their own.
 */
export class RunTaskContext implements TaskContext {
  declare readonly signal: AbortSignal;
  declare readonly [OWNER]: SignalOwner;

  constructor(
    readonly run: RunContext,
    readonly deps: unknown,
    readonly lease: ExecutionLease | undefined,
    owner: SignalOwner,
  ) {
    Object.defineProperty(this, OWNER, { value: owner });
    Object.defineProperty(this, 'signal', SIGNAL);
  }
}

const SIGNAL: PropertyDescriptor = {
  enumerable: true,
  get(this: RunTaskContext): AbortSignal {
    return this[OWNER].signal;
  },
};
