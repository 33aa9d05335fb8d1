import type { Clock } from '../clock.js';
import { kindOf } from '../errors.js';
import type { RunSkippedEvent, SchedulerEvent, SkipReason, StopReason } from '../events.js';
import type { ExecutionLease } from '../execution-guard.js';
import type { InFlightRun, JobState } from '../job-state.js';
import type { Restored } from '../policy/restore.js';
import type { RunResult } from '../policy/transitions.js';
import type { StoreEvent } from '../state-store.js';

/** What a {@link RunSkippedEvent} says besides the job, the time and the reason. */
export type SkippedOccurrences = Omit<RunSkippedEvent, 'type' | 'jobId' | 'at' | 'reason'>;

/** Puts what happens to the jobs of one scheduler into events. */
export class JobReporter {
  constructor(
    private readonly clock: Clock,
    private readonly emit: (event: SchedulerEvent) => void,
    /** Whether anybody listens. The events of every run are not even made when nobody does. */
    private readonly isHeard: boolean,
  ) {}

  paused(jobId: string, scope: 'local' | 'shared'): void {
    this.emit({ type: 'paused', ...this.#stamp(jobId), scope });
  }

  resumed(jobId: string, scope: 'local' | 'shared'): void {
    this.emit({ type: 'resumed', ...this.#stamp(jobId), scope });
  }

  stateLoaded(jobId: string, { state, source }: Restored): void {
    const { nextRunAt, triggerCount, inFlight } = state;
    this.emit({
      type: 'state_loaded',
      ...this.#stamp(jobId),
      source,
      nextRunAt: copyOf(nextRunAt),
      triggerCount,
      inFlight: inFlight.length,
    });
  }

  /** What was changed in a state that was read. */
  restored(
    jobId: string,
    { state, source, scheduleChanged }: Restored,
    previous: JobState | undefined,
  ): void {
    const { nextRunAt } = state;
    if (source === 'repaired') this.stateRepaired(jobId, 'missing_next_run', nextRunAt);
    if (!scheduleChanged) return;
    this.emit({
      type: 'schedule_changed',
      ...this.#stamp(jobId),
      previousFingerprint: previous?.scheduleFingerprint ?? '',
      fingerprint: state.scheduleFingerprint ?? '',
      previousNextRunAt: copyOf(previous?.nextRunAt),
      nextRunAt: copyOf(nextRunAt),
    });
  }

  stateRepaired(
    jobId: string,
    reason: 'missing_next_run' | 'record_lost',
    nextRunAt: Date | undefined,
  ): void {
    this.emit({ type: 'state_repaired', ...this.#stamp(jobId), reason, nextRunAt: copyOf(nextRunAt) });
  }

  triggerEmitted(jobId: string, entry: InFlightRun, coalesced: number, queued: boolean): void {
    if (!this.isHeard) return;
    this.emit({ type: 'trigger_emitted', ...this.#stamp(jobId), ...fieldsOf(entry), coalesced, queued });
  }

  runStarted(jobId: string, entry: InFlightRun, startedAt: number, lease: ExecutionLease | undefined): void {
    if (!this.isHeard) return;
    this.emit({
      type: 'run_started',
      ...this.#stamp(jobId),
      ...fieldsOf(entry),
      attempt: entry.attempt,
      latenessMs: startedAt - entry.scheduledAt.getTime(),
      fencingToken: lease?.fencingToken,
    });
  }

  runCompleted(jobId: string, entry: InFlightRun, result: RunResult, error: unknown): void {
    if (!this.isHeard) return;
    this.emit({
      type: 'run_completed',
      ...this.#stamp(jobId),
      ...fieldsOf(entry),
      attempt: entry.attempt,
      latenessMs: result.startedAt - entry.scheduledAt.getTime(),
      status: result.status,
      startedAt: new Date(result.startedAt),
      finishedAt: new Date(result.finishedAt),
      durationMs: result.finishedAt - result.startedAt,
      error,
    });
  }

  runSkipped(jobId: string, reason: SkipReason, occurrences: SkippedOccurrences): void {
    this.emit({ type: 'run_skipped', ...this.#stamp(jobId), reason, ...occurrences });
  }

  guardDegraded(jobId: string, reason: 'unavailable' | 'shared_store_without_guard', error?: unknown): void {
    this.emit({ type: 'guard_degraded', ...this.#stamp(jobId), reason, error });
  }

  guardRecovered(jobId: string): void {
    this.emit({ type: 'guard_recovered', ...this.#stamp(jobId) });
  }

  storeDegraded(jobId: string, error: unknown): void {
    this.emit({ type: 'store_degraded', ...this.#stamp(jobId), kind: kindOf(error), error });
  }

  storeRecovered(jobId: string): void {
    this.emit({ type: 'store_recovered', ...this.#stamp(jobId) });
  }

  /** What a store says of its own health. */
  storeEvent(jobId: string, { type, error }: StoreEvent): void {
    if (type === 'degraded') this.storeDegraded(jobId, error);
    else if (type === 'recovering') this.emit({ type: 'store_recovering', ...this.#stamp(jobId) });
    else if (type === 'recovered') this.storeRecovered(jobId);
    else if (type === 'recovery_failed') {
      this.emit({ type: 'store_recovery_failed', ...this.#stamp(jobId), error });
    } else this.emit({ type: 'store_conflict', ...this.#stamp(jobId), error });
  }

  terminalStateDeleted(jobId: string): void {
    this.emit({ type: 'terminal_state_deleted', ...this.#stamp(jobId) });
  }

  stopped(jobId: string, reason: Exclude<StopReason, 'failed'>): void {
    this.emit({ type: 'scheduler_stopped', ...this.#stamp(jobId), reason });
  }

  failed(jobId: string, error: unknown): void {
    this.emit({ type: 'scheduler_stopped', ...this.#stamp(jobId), reason: 'failed', error });
  }

  #stamp(jobId: string): { readonly jobId: string; readonly at: Date } {
    return { jobId, at: new Date(this.clock.now()) };
  }
}

/** The one occurrence of an entry, as {@link JobReporter.runSkipped} takes it. */
export function occurrenceOf(entry: InFlightRun): SkippedOccurrences {
  return { ...fieldsOf(entry), firstScheduledAt: new Date(entry.scheduledAt), count: 1 };
}

function fieldsOf({ scheduledAt, catchUp, triggerCount, manual = false }: InFlightRun) {
  return { scheduledAt: copyOf(scheduledAt), catchUp, triggerCount, manual };
}

/** What observers do to a date must not reach the engine. */
function copyOf(date: Date): Date;
function copyOf(date: Date | undefined): Date | undefined;
function copyOf(date: Date | undefined): Date | undefined {
  return date && new Date(date);
}
