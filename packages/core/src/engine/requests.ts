import type { SkipReason } from '../events.js';
import type { Job } from '../job.js';
import type { JobState } from '../job-state.js';
import { type InstantRange, withFreeInstant } from '../policy/free-instant.js';
import { admit, type Situation } from '../policy/plan.js';
import { withChanges } from '../policy/with-changes.js';
import type { Change } from './change.js';
import type { SkippedOccurrences } from './job-reporter.js';
import type { Occurrences } from './occurrences.js';
import type { TriggerResult } from './report.js';
import { Settlement } from './settlement.js';

/** A shared pause or resume that was asked for. */
interface PauseRequest {
  readonly paused: boolean;
  /** Whether the record was read since the request, so that what is known of it is not of before. */
  fresh: boolean;
  readonly settlement: Settlement<void>;
}

/** What requests need of the job that they are made to. */
export interface RequestsListener {
  ownId(): string;
  dropped(reason: SkipReason, occurrences: SkippedOccurrences): void;
  /** Has the record read again, and asks once more. */
  reload(): void;
  step(): void;
}

/** What was asked of a job with its handle and changes its record: shared pauses, and runs by hand. */
export class Requests {
  readonly #pauses: PauseRequest[] = [];
  readonly #triggers: Settlement<TriggerResult>[] = [];
  /** Whether the shared pause that there is was asked for here. */
  #ownsPause = false;
  /** The occurrences that were made for runs by hand last. */
  #instants: InstantRange | undefined;

  constructor(
    private readonly job: Job<never>,
    private readonly listener: RequestsListener,
  ) {}

  /** Whether this instance has asked for a shared pause that it has not ended. */
  get pauses(): boolean {
    return this.#pauses.at(-1)?.paused ?? this.#ownsPause;
  }

  /** A pause that follows is another's. */
  pauseEnded(): void {
    this.#ownsPause = false;
  }

  /** Asks for a shared pause or its end; what is known of the record counts if it `isFresh`. */
  setPause(paused: boolean, isFresh: boolean): Promise<void> {
    const settlement = new Settlement<void>();
    this.#pauses.push({ paused, fresh: isFresh, settlement });
    return settlement.promise;
  }

  trigger(): Promise<TriggerResult> {
    const settlement = new Settlement<TriggerResult>();
    this.#triggers.push(settlement);
    return settlement.promise;
  }

  nextPause(state: JobState): Change | undefined {
    const request = this.#pauses[0];
    if (request === undefined) return undefined;
    const { paused } = request;
    const done = (): void => {
      this.#pauses.shift();
      this.#ownsPause = paused;
      request.settlement.resolve();
    };
    if (state.paused !== paused) {
      return { next: withChanges(state, { paused }), isIn: (now) => now.paused === paused, done };
    }
    if (request.fresh) {
      done();
      this.listener.step();
    } else {
      request.fresh = true;
      this.listener.reload();
    }
    return undefined;
  }

  nextTrigger(state: JobState, situation: Situation, occurrences: Occurrences): Change | undefined {
    const settlement = this.#triggers[0];
    if (settlement === undefined) return undefined;
    const admission = admit(this.job, situation);
    if (admission.kind === 'skip') {
      this.skipTriggers(admission.reason, situation.now, state.triggerCount);
      return undefined;
    }
    const queued = admission.kind === 'queue';
    const instants = withFreeInstant(this.job, state, situation, this.#instants);
    const scheduledAt = new Date(instants.next);
    const { triggerCount } = state;
    const owner = this.listener.ownId();
    const entry = { scheduledAt, catchUp: false, triggerCount, attempt: 1, owner, manual: true };
    const change = occurrences.claim(state, entry, queued, 0);
    return {
      ...change,
      done: () => {
        this.#triggers.shift();
        this.#instants = instants;
        change.done();
        settlement.resolve({ status: 'triggered', scheduledAt: new Date(scheduledAt), queued });
      },
    };
  }

  skipTriggers(reason: SkipReason, now: number, triggerCount: number): void {
    for (const settlement of this.#triggers.splice(0)) {
      const instant = { scheduledAt: new Date(now), firstScheduledAt: new Date(now) };
      this.listener.dropped(reason, { ...instant, count: 1, triggerCount, catchUp: false, manual: true });
      settlement.resolve({ status: 'skipped', reason });
    }
  }

  reject(makeError: () => unknown): void {
    for (const settlement of this.#triggers.splice(0)) settlement.reject(makeError());
    for (const { settlement } of this.#pauses.splice(0)) settlement.reject(makeError());
  }
}
