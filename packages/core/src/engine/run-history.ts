import type { InFlightRun } from '../job-state.js';
import type { RunResult } from '../policy/transitions.js';
import type { RunRecord } from './report.js';

/** How many numbers hold one run. */
const WIDTH = 7;

/**
 * The last runs of a job, at most `limit`. They lie one behind the other in a single array of numbers, which takes a
 * third of the memory that objects would, and which the garbage collector need not look into.
 */
export class RunHistory {
  /** The runs, written over from the oldest on once there are as many as may be. */
  readonly #numbers: number[] = [];
  /** The errors of the runs that failed, by the same places as the runs. */
  #errors: Map<number, string> | undefined;
  #next = 0;

  constructor(private readonly limit: number) {}

  add({ scheduledAt, catchUp, triggerCount, attempt, manual = false }: InFlightRun, result: RunResult): void {
    const place = this.#next;
    this.#next = (place + 1) % this.limit;
    let at = place * WIDTH;
    this.#numbers[at++] = scheduledAt.getTime();
    this.#numbers[at++] = result.startedAt;
    this.#numbers[at++] = result.finishedAt;
    this.#numbers[at++] = triggerCount;
    this.#numbers[at++] = attempt;
    this.#numbers[at++] = Number(catchUp);
    this.#numbers[at++] = Number(manual);
    if (result.error === undefined) this.#errors?.delete(place);
    else {
      this.#errors ??= new Map();
      this.#errors.set(place, result.error);
    }
  }

  /** The runs, oldest first. */
  list(): RunRecord[] {
    const count = this.#numbers.length / WIDTH;
    const oldest = count < this.limit ? 0 : this.#next;
    return Array.from({ length: count }, (_, index) => this.#recordAt((oldest + index) % count));
  }

  #recordAt(place: number): RunRecord {
    const [scheduledAt, startedAt, finishedAt, triggerCount, attempt, catchUp, manual] = this.#numbers.slice(
      place * WIDTH,
      (place + 1) * WIDTH,
    ) as [number, number, number, number, number, number, number];
    const error = this.#errors?.get(place);
    return {
      scheduledAt: new Date(scheduledAt),
      startedAt: new Date(startedAt),
      finishedAt: new Date(finishedAt),
      catchUp: catchUp === 1,
      triggerCount,
      attempt,
      manual: manual === 1,
      status: error === undefined ? 'success' : 'failed',
      error,
    };
  }
}
