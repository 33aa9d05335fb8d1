// #region observer
import type {
  SchedulerEvent,
  SchedulerObserver,
} from '@cloudiful-scheduler/core';

/** Counts for a metrics endpoint: how runs ended, and what was skipped. */
class Counters implements SchedulerObserver {
  readonly #counts = new Map<string, number>();

  onEvent(event: SchedulerEvent): void {
    if (event.type === 'run_completed')
      this.#count(`runs{job="${event.jobId}",status="${event.status}"}`, 1);
    if (event.type === 'run_skipped')
      this.#count(
        `skipped{job="${event.jobId}",reason="${event.reason}"}`,
        event.count,
      );
    if (event.type === 'guard_lost')
      this.#count(`leases_lost{job="${event.jobId}"}`, 1);
  }

  text(): string {
    return [...this.#counts]
      .map(([name, count]) => `${name} ${count}`)
      .join('\n');
  }

  #count(name: string, by: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }
}
// #endregion

// #region wiring
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';

const clock = new ManualClock('2026-03-02T09:00:00Z');
const counters = new Counters();
const scheduler = new Scheduler({ clock, observers: [counters] });
scheduler.start(
  defineJob({
    id: 'refresh-prices',
    schedule: every({ minutes: 1 }),
    task: async ({ run }) => {
      if (run.triggerCount === 1) throw new Error('the market is closed');
      if (run.triggerCount === 2)
        await new Promise<void>(
          (resolve) => void clock.setTimer(90_000, resolve),
        );
    },
  }),
);
await clock.advance(5 * 60_000);
await scheduler.shutdown();
console.log(counters.text());
// #endregion
