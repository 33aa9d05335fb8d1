import type { SkipReason } from '../events.js';
import type { Job } from '../job.js';
import type { InFlightRun, JobState } from '../job-state.js';
import type { Decision, Stretch } from '../policy/plan.js';
import { claim, consume, findEntry } from '../policy/transitions.js';
import type { Change } from './change.js';
import type { EngineContext } from './engine-context.js';
import type { SkippedOccurrences } from './job-reporter.js';

/** Decisions that consume occurrences. */
export type ConsumingDecision = Extract<Decision, { readonly kind: 'coalesce' | 'skip' | 'trigger' }>;

/** Occurrences that were dropped, and why. */
type DroppedStretch = SkippedOccurrences & { readonly reason: SkipReason };

/** What the occurrences of a job need of it. */
export interface OccurrencesListener {
  readonly isOver: boolean;
  ownId(): string;
  /** A run was entered in the record; `claimedAt` is of the monotonic clock. */
  claimed(entry: InFlightRun, claimedAt: number, queued: boolean): void;
  dropped(reason: SkipReason, occurrences: SkippedOccurrences): void;
}

/** Puts what is decided of a job's occurrences into changes of its record, and reports what became of them. */
export class Occurrences {
  /** How many are consumed already that the next catch-up stands for. */
  #coalesced = 0;
  /** The first of them. */
  #coalescedFrom: number | undefined;
  /** A stretch that is consumed as dropped and not reported yet, since there may be more of it. */
  #dropping: DroppedStretch | undefined;

  constructor(
    private readonly context: EngineContext,
    private readonly job: Job<never>,
    private readonly listener: OccurrencesListener,
  ) {}

  /** Reports a stretch that was dropped in parts, unless `decision` drops more of it. */
  endDropBefore(decision: Decision): void {
    if (this.#dropping !== undefined && dropReasonOf(decision) !== this.#dropping.reason) this.endDrop();
  }

  /** Reports a stretch that was dropped in parts as far as it goes. */
  endDrop(): void {
    if (this.#dropping === undefined) return;
    const { reason, ...occurrences } = this.#dropping;
    this.#dropping = undefined;
    this.listener.dropped(reason, occurrences);
  }

  /** What carries out `decision`. */
  change(decision: ConsumingDecision, state: JobState): Change {
    switch (decision.kind) {
      case 'coalesce':
        return this.#consume(state, decision.stretch, () => {
          this.#coalesced += decision.stretch.count;
          this.#coalescedFrom ??= decision.stretch.first;
        });
      case 'skip':
        return this.#consume(state, decision.stretch, (triggerCount) => this.#drop(decision, triggerCount));
      case 'trigger':
        return this.#trigger(state, decision);
    }
  }

  /** Enters a run that makes up for `coalesced` occurrences beside its own, which is consumed in `state`. */
  claim(state: JobState, entry: InFlightRun, queued: boolean, coalesced: number): Change {
    const claimedAt = this.context.clock.monotonic();
    const { listener } = this;
    return {
      next: claim(state, entry),
      claimed: entry,
      isIn: (now) => findEntry(now, entry) !== undefined,
      done: () => {
        const count = coalesced + (entry.manual === true ? 0 : this.#coalesced);
        if (!listener.isOver) this.context.jobReporter.triggerEmitted(this.job.id, entry, count, queued);
        if (entry.manual !== true) this.#endCoalescing();
        listener.claimed(entry, claimedAt, queued);
      },
    };
  }

  #trigger(state: JobState, decision: Extract<Decision, { kind: 'trigger' }>): Change {
    const { stretch, queue, dropped } = decision;
    const before = dropped === undefined ? state : consume(this.job, state, dropped, this.context);
    const consumed = consume(this.job, before, stretch, this.context);
    const entry: InFlightRun = {
      scheduledAt: consumed.lastScheduledAt as Date,
      catchUp: decision.catchUp || this.#coalesced > 0,
      triggerCount: consumed.triggerCount,
      attempt: 1,
      owner: this.listener.ownId(),
    };
    const change = this.claim(consumed, entry, queue, stretch.count - 1);
    if (dropped === undefined) return change;
    return {
      ...change,
      done: () => {
        const drop = { reason: 'missed', stretch: dropped, catchUp: false, partial: false } as const;
        this.#drop(drop, before.triggerCount);
        change.done();
      },
    };
  }

  #consume(state: JobState, stretch: Stretch, done: (triggerCount: number) => void): Change {
    const next = consume(this.job, state, stretch, this.context);
    return {
      next,
      isIn: (now) =>
        now.triggerCount === next.triggerCount && now.lastScheduledAt?.getTime() === stretch.last,
      done: () => done(next.triggerCount),
    };
  }

  #drop(
    { reason, stretch, catchUp, partial }: Omit<Extract<Decision, { kind: 'skip' }>, 'kind'>,
    triggerCount: number,
  ): void {
    this.#dropping = {
      reason,
      scheduledAt: new Date(stretch.last),
      firstScheduledAt: this.#dropping?.firstScheduledAt ?? new Date(this.#coalescedFrom ?? stretch.first),
      count: stretch.count + this.#coalesced + (this.#dropping?.count ?? 0),
      triggerCount,
      catchUp: catchUp || this.#coalesced > 0,
      manual: false,
    };
    this.#endCoalescing();
    if (!partial) this.endDrop();
  }

  #endCoalescing(): void {
    this.#coalesced = 0;
    this.#coalescedFrom = undefined;
  }
}

/** Why a decision drops occurrences; `undefined` when it drops none. */
function dropReasonOf(decision: Decision): SkipReason | undefined {
  if (decision.kind === 'skip') return decision.reason;
  return decision.kind === 'trigger' && decision.dropped !== undefined ? 'missed' : undefined;
}
