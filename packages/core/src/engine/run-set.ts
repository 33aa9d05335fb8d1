import type { InFlightRun } from '../job-state.js';
import type { Run, RunStage } from './run.js';

/** Runs by their occurrences, and how many are at which stage: that is asked for several times a run. */
export class RunSet {
  readonly #runs = new Map<number, Run>();
  #queued = 0;
  #ended = 0;

  get size(): number {
    return this.#runs.size;
  }

  get queued(): number {
    return this.#queued;
  }

  get ended(): number {
    return this.#ended;
  }

  /** The run of an occurrence, whoever owns its entry by now. */
  get({ scheduledAt }: InFlightRun): Run | undefined {
    return this.#runs.get(scheduledAt.getTime());
  }

  /** Adds a run, in the place of an older one of the same occurrence. */
  add(run: Run): void {
    this.delete(run.entry);
    this.#runs.set(run.entry.scheduledAt.getTime(), run);
    this.#count(run.stage, 1);
  }

  delete(entry: InFlightRun): void {
    const run = this.get(entry);
    if (run === undefined) return;
    this.#runs.delete(entry.scheduledAt.getTime());
    this.#count(run.stage, -1);
  }

  /** Takes a run on to its next stage, also one that is no longer here. */
  advance(run: Run, stage: RunStage): void {
    const isHere = this.get(run.entry) === run;
    if (isHere) this.#count(run.stage, -1);
    run.stage = stage;
    if (isHere) this.#count(stage, 1);
  }

  forEach(callback: (run: Run) => void): void {
    this.#runs.forEach(callback);
  }

  /** The run that waits for longest. */
  firstQueued(): Run | undefined {
    for (const run of this.#runs.values()) if (run.stage === 'queued') return run;
    return undefined;
  }

  #count(stage: RunStage, by: number): void {
    if (stage === 'queued') this.#queued += by;
    else if (stage === 'ended') this.#ended += by;
  }
}
