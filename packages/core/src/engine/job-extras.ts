import type { SkipReason } from '../events.js';
import type { InFlightRun } from '../job-state.js';
import type { InstantRange } from '../policy/free-instant.js';
import type { ClaimedRuns } from './claimed-runs.js';
import type { Delay } from './engine-context.js';
import type { SkippedOccurrences } from './job-reporter.js';
import type { Recovery } from './recovery.js';
import type { TriggerResult } from './report.js';
import type { Settlement } from './settlement.js';

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

/** Occurrences that were dropped, and why. */
export type DroppedStretch = SkippedOccurrences & { readonly reason: SkipReason };

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
  runs: ClaimedRuns | undefined;
  recovery: Recovery | undefined;
  readonly triggers: Settlement<TriggerResult>[] = [];
  readonly pauses: PauseRequest[] = [];
  /** Whether the shared pause was asked for by this instance. */
  ownSharedPause = false;
  readonly confirmations: Confirmation[] = [];

  /** The store lost what this instance had read or written. */
  recordLost = false;
  /** The record of a finished job is being removed. */
  removing = false;
  /** What the store said of this job alone. */
  storeDegraded = false;
  guardDegraded = false;

  stopping: Stopping | undefined;
  alarm: Delay | undefined;
  /** When to look again at what another instance may have changed. */
  pollAt = Number.POSITIVE_INFINITY;

  /** Occurrences that the next catch-up stands for, and that are consumed already. */
  coalesced = 0;
  /** A stretch that is consumed as dropped and not reported yet, since there may be more of it. */
  dropping: DroppedStretch | undefined;
  /** The occurrences that were made for `handle.trigger()` last. */
  manualInstants: InstantRange | undefined;
  lastSkipReason: SkipReason | undefined;
}
