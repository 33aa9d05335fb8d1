import type { JobState } from '../../src/job-state.js';

/** A lease as the guard itself sees it, in base time. */
export interface LeaseHistory {
  readonly token: string;
  readonly acquiredAt: number;
  expiresAt: number;
  completedAt: number | undefined;
}

/** One call of the task. */
export interface RunHistory {
  readonly instance: string;
  readonly store: string;
  readonly occurrence: number;
  readonly attempt: number;
  readonly startedAt: number;
  readonly wallClock: number;
  readonly lease: LeaseHistory;
  finishedAt: number | undefined;
  abortedAt: number | undefined;
  committedAt: number | undefined;
  /** When its instance was killed or stopped; base time does not bind it from then on. */
  disturbedAt: number | undefined;
}

/** Everything that happened in a cluster, in base time, and what must not have. */
export class History {
  readonly runs: RunHistory[] = [];
  readonly claimed = new Set<number>();
  readonly violations: string[] = [];
  readonly log: string[] = [];
  readonly #leases = new Map<string, LeaseHistory>();
  readonly #first = new Map<string, number>();

  constructor(
    private readonly now: () => number,
    private readonly intervalMs: number,
    private readonly maxInFlight: number,
  ) {}

  note(text: string): void {
    this.log.push(`${this.now()} ${text}`);
  }

  violation(text: string): void {
    this.note(`VIOLATION ${text}`);
    this.violations.push(text);
  }

  acquired(token: string, ttlMs: number): void {
    const known = this.#leases.get(token);
    if (known !== undefined && known.expiresAt > this.now()) known.expiresAt = this.now() + ttlMs;
    else
      this.#leases.set(token, {
        token,
        acquiredAt: this.now(),
        expiresAt: this.now() + ttlMs,
        completedAt: undefined,
      });
  }

  renewed(token: string, ttlMs: number): void {
    this.lease(token).expiresAt = this.now() + ttlMs;
  }

  released(token: string, outcome: 'completed' | 'abandoned'): void {
    const lease = this.lease(token);
    lease.expiresAt = this.now();
    if (outcome === 'completed') lease.completedAt ??= this.now();
  }

  lease(token: string): LeaseHistory {
    const lease = this.#leases.get(token);
    if (lease === undefined) throw new Error(`no lease was acquired with ${token}`);
    return lease;
  }

  saved(store: string, instance: string, before: JobState | undefined, after: JobState): void {
    this.note(`${instance} saved in ${store}: ${describeState(after)}`);
    const first = this.#first.get(store) ?? after.nextRunAt?.getTime();
    if (first === undefined) return;
    this.#first.set(store, first);
    const last = after.lastScheduledAt?.getTime();
    const counted = last === undefined ? 0 : (last - first) / this.intervalMs + 1;
    if (after.triggerCount !== counted) {
      this.violation(`${store} counts ${after.triggerCount} occurrences where ${counted} were consumed`);
    }
    if (
      before !== undefined &&
      (before.triggerCount > after.triggerCount || time(before.lastScheduledAt) > time(after.lastScheduledAt))
    ) {
      this.violation(`${store} went backward`);
    }
    if (after.inFlight.length > this.maxInFlight)
      this.violation(`${store} has ${after.inFlight.length} runs in flight`);
    for (const entry of after.inFlight) this.claimed.add(entry.scheduledAt.getTime());
    for (const entry of before?.inFlight ?? []) {
      if (
        after.inFlight.some(
          (one) => one.scheduledAt.getTime() === entry.scheduledAt.getTime() && one.attempt >= entry.attempt,
        )
      )
        continue;
      for (const run of this.runs) {
        const same = run.occurrence === entry.scheduledAt.getTime() && run.attempt === entry.attempt;
        if (same && run.instance === instance && run.finishedAt !== undefined) run.committedAt ??= this.now();
      }
    }
  }

  started(run: RunHistory, mayOverlap: boolean): void {
    this.note(`${run.instance} starts ${run.occurrence} attempt ${run.attempt}`);
    if (run.lease.completedAt !== undefined || run.lease.expiresAt <= this.now()) {
      this.violation(`${run.instance} starts ${run.occurrence} without a lease that holds`);
    }
    if (run.wallClock < run.occurrence) this.violation(`${run.instance} starts ${run.occurrence} early`);
    for (const other of this.runs) {
      if (other.occurrence === run.occurrence) this.#checkAgain(other, run);
      const active = other.finishedAt === undefined && other.disturbedAt === undefined;
      const sameStore = other.store === run.store;
      if (!mayOverlap && sameStore && active && other.lease.expiresAt > run.lease.acquiredAt) {
        this.violation(`${run.occurrence} overlaps ${other.occurrence}, whose lease holds`);
      }
    }
    this.runs.push(run);
  }

  /** A second start of an occurrence needs a reason: the lease of the first had really run out. */
  #checkAgain(first: RunHistory, again: RunHistory): void {
    if (first.lease.completedAt !== undefined) {
      this.violation(`${again.instance} starts ${again.occurrence}, which ${first.instance} had completed`);
    } else if (first.committedAt !== undefined && first.store === again.store) {
      this.violation(
        `${again.instance} starts ${again.occurrence}, whose result ${first.instance} had committed`,
      );
    } else if (first.lease.expiresAt > again.lease.acquiredAt) {
      this.violation(
        `${again.instance} starts ${again.occurrence} while the lease of ${first.instance} holds`,
      );
    }
  }

  /** What can only be said once everything has come to rest. */
  checkEnd(): void {
    const finished = new Set(
      this.runs.filter((run) => run.finishedAt !== undefined).map((run) => run.occurrence),
    );
    for (const occurrence of this.claimed) {
      if (!finished.has(occurrence)) this.violation(`${occurrence} was claimed and lost`);
    }
    for (const run of this.runs) {
      const end = run.finishedAt ?? this.now();
      const ranOut = run.lease.completedAt === undefined && run.lease.expiresAt < end;
      if (ranOut && run.disturbedAt === undefined && !(time0(run.abortedAt) <= run.lease.expiresAt)) {
        this.violation(`${run.instance} was not told that the lease of ${run.occurrence} ran out`);
      }
    }
  }
}

function time(date: Date | undefined): number {
  return date?.getTime() ?? Number.NEGATIVE_INFINITY;
}

function time0(instant: number | undefined): number {
  return instant ?? Number.POSITIVE_INFINITY;
}

function describeState({ triggerCount, nextRunAt, paused, inFlight }: JobState): string {
  const entries = inFlight.map(
    (run) => `${run.scheduledAt.getTime()}#${run.attempt} by ${run.owner.slice(-6)}`,
  );
  return `${triggerCount}, next ${nextRunAt?.getTime()}, [${entries.join(', ')}]${paused ? ' paused' : ''}`;
}
