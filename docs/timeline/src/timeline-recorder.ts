import type { RunStartedEvent, SchedulerEvent } from '@cloudiful-scheduler/core';
import type { TimelineRun, TimelineSkip } from './timeline.js';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type NotedRun = Mutable<TimelineRun>;

/** Turns the events of the instances into runs and skips. */
export class TimelineRecorder {
  readonly #runs: NotedRun[] = [];
  readonly #skips: TimelineSkip[] = [];
  readonly #coalesced = new Map<number, number>();
  readonly #queuedAt = new Map<number, number>();

  note(instance: number, event: SchedulerEvent): void {
    switch (event.type) {
      case 'trigger_emitted': {
        const occurrence = event.scheduledAt.getTime();
        this.#coalesced.set(occurrence, event.coalesced);
        if (event.queued) this.#queuedAt.set(occurrence, event.at.getTime());
        return;
      }
      case 'run_started':
        this.#begin(instance, event);
        return;
      case 'run_completed': {
        const run = this.#underWay(instance).find(
          ({ scheduledAt }) => scheduledAt === event.scheduledAt.getTime(),
        );
        if (run === undefined) return;
        run.endedAt = event.finishedAt.getTime();
        run.outcome = event.status;
        return;
      }
      case 'run_skipped':
        this.#skips.push({
          instance,
          reason: event.reason,
          at: event.at.getTime(),
          firstScheduledAt: event.firstScheduledAt.getTime(),
          scheduledAt: event.scheduledAt.getTime(),
          count: event.count,
        });
        return;
      default:
    }
  }

  /** The process of the instance is gone, and with it what it was doing. */
  interrupt(instance: number, at: number): void {
    for (const run of this.#underWay(instance)) {
      run.endedAt = at;
      run.outcome = 'interrupted';
    }
  }

  result(end: number): { readonly runs: readonly TimelineRun[]; readonly skips: readonly TimelineSkip[] } {
    const runs = this.#runs.map((run) => (run.outcome === 'running' ? { ...run, endedAt: end } : { ...run }));
    return { runs, skips: [...this.#skips] };
  }

  #begin(instance: number, event: RunStartedEvent): void {
    const occurrence = event.scheduledAt.getTime();
    const queuedAt = this.#queuedAt.get(occurrence);
    this.#queuedAt.delete(occurrence);
    this.#runs.push({
      instance,
      scheduledAt: occurrence,
      queuedAt,
      startedAt: event.at.getTime(),
      endedAt: event.at.getTime(),
      outcome: 'running',
      catchUp: event.catchUp,
      coalesced: this.#coalesced.get(occurrence) ?? 0,
      attempt: event.attempt,
    });
  }

  #underWay(instance: number): NotedRun[] {
    return this.#runs.filter((run) => run.instance === instance && run.outcome === 'running');
  }
}
