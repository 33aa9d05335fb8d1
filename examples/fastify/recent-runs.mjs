/** Remembers the last runs of each job, for people who ask. */
export class RecentRuns {
  #runs = new Map();
  #limit;

  constructor(limit) {
    this.#limit = limit;
  }

  onEvent(event) {
    if (event.type !== 'run_completed') return;
    const { jobId, scheduledAt, startedAt, durationMs, attempt, manual, catchUp, status, error } = event;
    const run = {
      scheduledAt,
      startedAt,
      durationMs,
      attempt,
      manual,
      catchUp,
      status,
      error: error?.message,
    };
    this.#runs.set(jobId, [run, ...this.of(jobId)].slice(0, this.#limit));
  }

  /** The last runs of a job, newest first. */
  of(jobId) {
    return this.#runs.get(jobId) ?? [];
  }
}
