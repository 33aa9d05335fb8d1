import type { InFlightRun, JobState } from '../job-state.js';
import { findEntry } from '../policy/transitions.js';
import { Settlement } from './settlement.js';

/** Runs that ask whether their entries are still in the record, before they begin. */
export class Confirmations {
  #asked: { readonly entry: InFlightRun; readonly settlement: Settlement<boolean> }[] = [];

  ask(entry: InFlightRun): Promise<boolean> {
    const settlement = new Settlement<boolean>();
    this.#asked.push({ entry, settlement });
    return settlement.promise;
  }

  /** Answers with a record that was just read or written; without one nothing is confirmed. */
  answer(state: JobState | undefined): void {
    const asked = this.#asked;
    this.#asked = [];
    for (const { entry, settlement } of asked) {
      settlement.resolve(state !== undefined && findEntry(state, entry) !== undefined);
    }
  }
}
