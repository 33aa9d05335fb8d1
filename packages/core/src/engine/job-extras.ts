import type { SkipReason } from '../events.js';
import type { Revision } from '../state-store.js';
import type { ClaimedRuns } from './claimed-runs.js';
import type { Confirmations } from './confirmations.js';
import type { Delay } from './engine-context.js';
import type { Occurrences } from './occurrences.js';
import type { Recovery } from './recovery.js';
import type { Requests } from './requests.js';
import type { Stopping } from './stopping.js';

/** What an idle job does not need, kept apart so that it stays small. Instants are of the monotonic clock. */
export class JobExtras {
  /** The id under which this start of the job claims runs; made with the first claim. */
  owner: string | undefined;
  runs: ClaimedRuns | undefined;
  recovery: Recovery | undefined;
  occurrences: Occurrences | undefined;
  requests: Requests | undefined;
  confirmations: Confirmations | undefined;

  /** The store lost what this instance had read or written. */
  recordLost = false;
  /** The record of a finished job is being removed. */
  removing = false;
  /** What the store said of this job alone. */
  storeDegraded = false;
  guardDegraded = false;

  /** The revision whose state last had to be brought in line with the job; that is reported once. */
  adaptedRevision: Revision | undefined;

  stopping: Stopping | undefined;
  alarm: Delay | undefined;
  /** When to look again at what another instance may have changed. */
  pollAt = Number.POSITIVE_INFINITY;
  /** Why an occurrence was dropped last. */
  lastSkipReason: SkipReason | undefined;
}
