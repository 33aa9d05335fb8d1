import type { SchedulerEvent, SchedulerObserver } from '@cloudiful-scheduler/core';
import { Logger } from '@nestjs/common';

/** Tells Nest's logger what became of each run. */
export class NestLoggerObserver implements SchedulerObserver {
  readonly #logger = new Logger('Jobs');

  onEvent(event: SchedulerEvent): void {
    if (event.type === 'run_completed' && event.status === 'failed')
      this.#logger.error(`${event.jobId} failed: ${String(event.error)}`);
    else if (event.type === 'run_completed')
      this.#logger.log(`${event.jobId} succeeded in ${event.durationMs} ms`);
    else if (event.type === 'run_skipped') this.#logger.warn(`${event.jobId} skipped: ${event.reason}`);
    else if (event.type === 'scheduler_stopped') this.#logger.log(`${event.jobId} stopped: ${event.reason}`);
  }
}
