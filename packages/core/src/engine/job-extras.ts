import type { SkipReason } from '../events.js';
import type { InFlightRun, JobState } from '../job-state.js';
import type { Delay } from './engine-context.js';
import type { EntryWatcher } from './entry-watcher.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { RunRecord, TriggerResult } from './report.js';
import type { Run } from './run.js';
import type { Settlement } from './settlement.js';

/**
 * A change of the record. It is worked out anew after each conflict, so that no decision rests on a state
 * that another instance has changed since.
 */
export interface Change {
  readonly next: JobState;
  /**
   * The run that it enters under this instance's owner id. Another may have consumed the same occurrences, but
   * none makes such a change.
   */
  readonly claimed?: InFlightRun;
  /** Whether `state` shows that the change was made, though its answer was lost. */
  isIn(state: JobState): boolean;
  /** Goes on after the change was made. */
  done(): void;
}

/** What is to be written of an entry that this instance is done with. */
export interface PendingCommit {
  readonly entry: InFlightRun;
  /** Changes a state that has the entry. */
  apply(state: JobState): JobState;
  /** Whether `state` shows that it was written. */
  isIn(state: JobState): boolean;
  done(): void;
}

/** An entry whose owner is gone, with the lease that was won on it. */
export interface Orphan {
  readonly entry: InFlightRun;
  readonly keeper: LeaseKeeper | undefined;
}

/** A run that asks whether its entry is still in the record. */
export interface Confirmation {
  readonly entry: InFlightRun;
  readonly settlement: Settlement<boolean>;
}

/** A shared pause or resume that was asked for. */
export interface PauseRequest {
  readonly paused: boolean;
  /** Whether the record was read since the request, so that what is known of it is not of before. */
  fresh: boolean;
  readonly settlement: Settlement<void>;
}

/** A job on its way to its end. Instants are of the monotonic clock. */
export interface Stopping {
  reason: 'cancelled' | 'shutdown';
  endsAt: number;
  aborted: boolean;
}

/** What an idle job does not need, kept apart so that it stays small. Instants are of the monotonic clock. */
export class JobExtras {
  /** The id under which this start of the job claims runs; made with the first claim. */
  owner: string | undefined;
  readonly runs = new Map<number, Run>();
  readonly commits: PendingCommit[] = [];
  readonly orphans: Orphan[] = [];
  /** Entries found at start, which are settled before new occurrences are planned. */
  readonly recovering = new Map<number, InFlightRun>();
  readonly triggers: Settlement<TriggerResult>[] = [];
  readonly pauses: PauseRequest[] = [];
  readonly confirmations: Confirmation[] = [];
  watcher: EntryWatcher | undefined;

  /** A change whose outcome is not known: its answer was lost, or it met a conflict. */
  unconfirmed: Change | undefined;
  recordLost = false;
  deleting = false;
  storeFailures = 0;
  /** How many saves met a conflict since the last one that did not. */
  conflicts = 0;
  /** Which call failed: that a load answers says nothing of a save. */
  failedCall: string | undefined;
  retryAt = Number.NEGATIVE_INFINITY;
  storeDegraded = false;
  guardDegraded = false;

  stopping: Stopping | undefined;
  alarm: Delay | undefined;
  pollAt = Number.POSITIVE_INFINITY;
  loadedAt = Number.NEGATIVE_INFINITY;

  /** Occurrences that the next catch-up stands for, and that are consumed already. */
  coalesced = 0;
  /** The last occurrence that was made for `handle.trigger()`. */
  lastManualAt = Number.NEGATIVE_INFINITY;
  readonly history: RunRecord[] = [];
  lastSkipReason: SkipReason | undefined;
}
