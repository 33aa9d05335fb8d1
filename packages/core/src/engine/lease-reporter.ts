import type { Clock } from '../clock.js';
import type { SchedulerEvent } from '../events.js';
import type { ExecutionLease, ExecutionSlot } from '../execution-guard.js';

/** Turns what happens to leases into events. */
export class LeaseReporter {
  constructor(
    private readonly clock: Clock,
    private readonly emit: (event: SchedulerEvent) => void,
  ) {}

  acquired(lease: ExecutionLease): void {
    this.emit({ type: 'guard_acquired', ...this.#fields(lease.slot), fencingToken: lease.fencingToken });
  }

  contended(slot: ExecutionSlot): void {
    this.emit({ type: 'guard_contended', ...this.#fields(slot) });
  }

  renewed(lease: ExecutionLease): void {
    this.emit({ type: 'guard_renewed', ...this.#fields(lease.slot), fencingToken: lease.fencingToken });
  }

  renewFailed(lease: ExecutionLease, error: unknown): void {
    this.emit({
      type: 'guard_renew_failed',
      ...this.#fields(lease.slot),
      fencingToken: lease.fencingToken,
      error,
    });
  }

  lost(lease: ExecutionLease): void {
    this.emit({ type: 'guard_lost', ...this.#fields(lease.slot), fencingToken: lease.fencingToken });
  }

  released(lease: ExecutionLease, outcome: 'completed' | 'abandoned'): void {
    this.emit({
      type: 'guard_released',
      ...this.#fields(lease.slot),
      fencingToken: lease.fencingToken,
      outcome,
    });
  }

  releaseFailed(lease: ExecutionLease, error: unknown): void {
    this.emit({
      type: 'guard_release_failed',
      ...this.#fields(lease.slot),
      fencingToken: lease.fencingToken,
      error,
    });
  }

  #fields({ jobId, scheduledAt, resourceId }: ExecutionSlot) {
    return { jobId, at: new Date(this.clock.now()), scheduledAt: new Date(scheduledAt), resourceId };
  }
}
