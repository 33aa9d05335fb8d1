import type { InFlightRun } from '../job-state.js';
import type { RunResult } from '../policy/transitions.js';
import type { RunRecord } from './report.js';

/** A record without `Date` objects, each of which takes a hundred bytes, that the next one is written over. */
type PackedRecord = {
  -readonly [Field in keyof RunRecord]: RunRecord[Field] extends Date ? number : RunRecord[Field];
};

/** The last runs of a job, at most `limit`. */
export class RunHistory {
  readonly #records: PackedRecord[] = [];
  /** Where the oldest one is, once there are as many as may be. */
  #oldest = 0;

  constructor(private readonly limit: number) {}

  add({ scheduledAt, catchUp, triggerCount, attempt, manual = false }: InFlightRun, result: RunResult): void {
    const { startedAt, finishedAt, status, error } = result;
    const oldest = this.#records.length < this.limit ? undefined : this.#records[this.#oldest];
    if (oldest === undefined) {
      this.#records.push({
        scheduledAt: scheduledAt.getTime(),
        startedAt,
        finishedAt,
        catchUp,
        triggerCount,
        attempt,
        manual,
        status,
        error,
      });
      return;
    }
    oldest.scheduledAt = scheduledAt.getTime();
    oldest.startedAt = startedAt;
    oldest.finishedAt = finishedAt;
    oldest.catchUp = catchUp;
    oldest.triggerCount = triggerCount;
    oldest.attempt = attempt;
    oldest.manual = manual;
    oldest.status = status;
    oldest.error = error;
    this.#oldest = (this.#oldest + 1) % this.limit;
  }

  /** The runs, oldest first. */
  list(): RunRecord[] {
    const inOrder = [...this.#records.slice(this.#oldest), ...this.#records.slice(0, this.#oldest)];
    return inOrder.map((record) => ({
      ...record,
      scheduledAt: new Date(record.scheduledAt),
      startedAt: new Date(record.startedAt),
      finishedAt: new Date(record.finishedAt),
    }));
  }
}
