import {
  type Clock,
  type ExecutionGuard,
  type Job,
  Scheduler,
  type SchedulerEvent,
  type StateStore,
} from '@cloudiful-scheduler/core';
import type { ManualClock } from '@cloudiful-scheduler/testkit';

/** What the processes of a scenario have in common. */
export interface Surroundings {
  readonly clock: ManualClock;
  readonly store: StateStore;
  readonly guard: ExecutionGuard | undefined;
  readonly timezone: string;
  readonly random: () => number;
  /** How many milliseconds late a timer for an instant fires. */
  readonly lateness: (at: number) => number;
  /** Makes the job of one process; its task waits on the clock of that process. */
  readonly job: (clock: Clock) => Job<undefined>;
  readonly onEvent: (event: SchedulerEvent) => void;
}

/** One life of an instance: a real scheduler whose timers all die with it. */
export class SimulatedProcess {
  readonly #surroundings: Surroundings;
  readonly #scheduler: Scheduler;
  #alive = true;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const { store, guard, timezone, random } = surroundings;
    const clock = this.#clock();
    this.#scheduler = new Scheduler({
      store,
      guard,
      timezone,
      random,
      clock,
      observers: [
        {
          onEvent: (event) => {
            if (this.#alive) surroundings.onEvent(event);
          },
        },
      ],
    });
    this.#scheduler.start(surroundings.job(clock));
  }

  /** The process dies where it stands. */
  crash(): void {
    this.#alive = false;
  }

  /** The process takes no further work and waits for its current run. */
  stop(graceMs: number): void {
    void this.#scheduler.shutdown({ graceMs });
  }

  #clock(): Clock {
    const { clock, lateness } = this.#surroundings;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimer: (delayMs, callback) =>
        clock.setTimer(delayMs + lateness(clock.now() + delayMs), () => {
          if (this.#alive) callback();
        }),
    };
  }
}
