/** A line of a worker's log, or a fault that was inflicted. `t` and `sentAt` are of the host's monotonic clock. */
export interface Entry {
  readonly worker: string;
  readonly t: number;
  readonly what: string;
  readonly jobId?: string;
  readonly occurrence?: number;
  readonly attempt?: number;
  readonly token?: string;
  readonly fence?: number;
  readonly sentAt?: number;
  readonly answer?: string;
  readonly reason?: string;
  readonly early?: number;
  /** Of a start: when the lease was last seen to hold. */
  readonly checkedAt?: number;
  readonly count?: number;
}

/** What the logs of a chaos run show. */
export interface Verdict {
  readonly violations: string[];
  /** The entries that show them. */
  readonly suspects: Entry[];
  readonly starts: number;
  readonly occurrences: number;
  readonly repeated: number;
  /** Starts of processes that were stopped between the last look at their lease and the task. */
  readonly stalled: number;
  readonly aborts: number;
  /** How long after its deadline an abort came, in milliseconds, where nothing held its worker up. */
  readonly abortLateness: { readonly median: number; readonly max: number };
}

interface Run {
  readonly start: Entry;
  finish: Entry | undefined;
  abort: Entry | undefined;
}

const TRUSTED_SHARE = 0.9;

/** Joins what the workers did with the faults, and finds what neither the rules nor a fault explain. */
export function check(entries: readonly Entry[], ttlMs: number): Verdict {
  const sorted = entries.toSorted((a, b) => a.t - b.t);
  const violations: string[] = [];
  const suspects: Entry[] = [];
  const accuse = (suspect: Entry, violation: string): void => {
    violations.push(violation);
    suspects.push(suspect);
  };
  const runs = new Map<string, Run[]>();
  const claimed = new Map<string, Entry>();
  const lateness: number[] = [];
  let starts = 0;
  let stalled = 0;
  let aborts = 0;

  const keyOf = ({ jobId, occurrence }: Entry): string => `${jobId} ${occurrence}`;
  const runOf = (entry: Entry): Run | undefined =>
    runs.get(keyOf(entry))?.find(({ start }) => start.token === entry.token && start.worker === entry.worker);
  const byToken = groupBy(
    sorted.filter(({ token, sentAt }) => token !== undefined && sentAt !== undefined),
    ({ token }) => token as string,
  );
  /** When the lease was last asked for with success, before an instant. */
  const lastSent = (token: string | undefined, before: number): number =>
    (byToken.get(token ?? '') ?? [])
      .filter(
        ({ what, answer, t }) =>
          t <= before && ((what === 'acquire' && answer === 'acquired') || answer === 'renewed'),
      )
      .reduce((latest, { sentAt = 0 }) => Math.max(latest, sentAt), Number.NEGATIVE_INFINITY);
  const releasedAt = (token: string | undefined, what: string): number =>
    (byToken.get(token ?? '') ?? []).find((entry) => entry.what === what && entry.answer === 'released')?.t ??
    Number.POSITIVE_INFINITY;
  const faults = sorted.filter(({ what }) => /^(kill|stop|cont|block|unblock|server_)/.test(what));
  const isHeldUp = (worker: string, from: number, to: number): boolean =>
    faults.some((fault) => fault.worker === worker && fault.t >= from && fault.t <= to);
  const isExplained = (worker: string, from: number, to: number): boolean =>
    isHeldUp(worker, from, to) || isHeldUp('server', from, to);

  /**
   * Whether a lease held when it was last looked at, and its process was stopped from then until the task. Nothing that
   * runs inside a process can see that; it is what fencing tokens are for.
   */
  const isStalled = ({ worker, token, t, checkedAt = t }: Entry): boolean =>
    checkedAt < lastSent(token, checkedAt) + ttlMs * TRUSTED_SHARE &&
    faults.some(
      (fault) => fault.worker === worker && fault.what === 'cont' && fault.t > checkedAt && fault.t < t,
    );

  for (const entry of sorted) {
    if (entry.what === 'trigger_emitted') claimed.set(keyOf(entry), entry);
    if (entry.what === 'failed') accuse(entry, `${entry.jobId} failed on ${entry.worker}: ${entry.reason}`);
    if (entry.what === 'finish' || entry.what === 'abort') {
      const run = runOf(entry);
      if (run === undefined)
        accuse(entry, `${entry.worker} says ${entry.what} of ${keyOf(entry)} without a start`);
      else run[entry.what] ??= entry;
    }
    if (entry.what === 'abort') {
      aborts += 1;
      const deadline = lastSent(entry.token, entry.t) + ttlMs * TRUSTED_SHARE;
      if (!isHeldUp(entry.worker, deadline - 2 * ttlMs, entry.t)) lateness.push(entry.t - deadline);
    }
    if (entry.what !== 'start') continue;
    starts += 1;
    if ((entry.early ?? 0) > 0)
      accuse(entry, `${entry.worker} starts ${keyOf(entry)} ${entry.early} ms early`);
    const before = runs.get(keyOf(entry)) ?? [];
    runs.set(keyOf(entry), [...before, { start: entry, finish: undefined, abort: undefined }]);
    if (isStalled(entry)) {
      stalled += 1;
      continue;
    }
    for (const { start, finish } of before) {
      const completed = releasedAt(start.token, 'release_completed');
      const held = lastSent(start.token, entry.t) + ttlMs;
      const name = `${entry.worker} starts ${keyOf(entry)} again after ${start.worker}`;
      if (completed < entry.t) accuse(entry, `${name} had completed it`);
      else if (held > entry.t && releasedAt(start.token, 'release_abandoned') > entry.t) {
        accuse(entry, `${name}, whose lease holds for ${(held - entry.t).toFixed(1)} ms`);
      } else if (!isExplained(start.worker, start.t, entry.t)) {
        accuse(entry, `${name}, which nothing explains${finish === undefined ? '' : '; it had finished'}`);
      }
      if ((entry.fence ?? 0) <= (start.fence ?? 0))
        accuse(entry, `${name} with a fencing token that is no higher`);
    }
  }
  for (const [key, entry] of claimed) {
    if (!runs.get(key)?.some(({ finish }) => finish !== undefined))
      accuse(entry, `${key} was claimed and never finished`);
  }
  lateness.sort((a, b) => a - b);
  return {
    violations,
    suspects,
    starts,
    occurrences: runs.size,
    repeated: starts - runs.size,
    stalled,
    aborts,
    abortLateness: { median: lateness[lateness.length >> 1] ?? 0, max: lateness.at(-1) ?? 0 },
  };
}

/** The items by what `keyOf` says of each. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
