import { ManualClock } from '@cloudiful-scheduler/testkit';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../src/define-job.js';
import { Scheduler } from '../src/engine/scheduler.js';
import { InMemoryExecutionGuard } from '../src/guards/in-memory-execution-guard.js';
import type { JobState } from '../src/job-state.js';
import { atTimes } from '../src/schedules/at-times.js';
import type { Revision, SaveResult, StateStore, StoredJobState } from '../src/state-store.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';
import { START } from './fixtures.js';

const DUE = START + 1_000;

/** Answers after some turns of the event loop, or never to the jobs that `hangs` names; counts what waits. */
class SlowStore implements StateStore {
  readonly shared = false;
  readonly #inner = new InMemoryStateStore();
  waiting = 0;
  most = 0;

  constructor(private readonly hangs: (jobId: string) => boolean = () => false) {}

  load(jobId: string): Promise<StoredJobState | undefined> {
    return this.#inner.load(jobId);
  }

  async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
    if (expected === undefined) return this.#inner.save(state, expected);
    this.waiting += 1;
    this.most = Math.max(this.most, this.waiting);
    if (this.hangs(state.jobId)) return new Promise(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    this.waiting -= 1;
    return this.#inner.save(state, expected);
  }

  delete(jobId: string): Promise<void> {
    return this.#inner.delete(jobId);
  }
}

function startJobs(scheduler: Scheduler, count: number, ran: (id: string) => void): void {
  for (let index = 0; index < count; index += 1) {
    const id = `job-${index}`;
    scheduler.start(defineJob({ id, schedule: atTimes([new Date(DUE)]), task: () => ran(id) }));
  }
}

describe('many jobs that are due at once', () => {
  it.each(['alone', 'with a guard'])('all run at their instant on a manual clock, %s', async (kind) => {
    const clock = new ManualClock(START);
    const guard = kind === 'alone' ? undefined : new InMemoryExecutionGuard({ clock });
    const ranAt: number[] = [];
    startJobs(new Scheduler({ clock, guard }), 2_000, () => ranAt.push(clock.now()));
    await clock.advance(DUE - START);
    expect(ranAt).toEqual(Array.from({ length: 2_000 }, () => DUE));
  });

  it('are claimed no faster than they are answered, so that the first run before the last are claimed', async () => {
    const clock = new ManualClock(START);
    const store = new SlowStore();
    let ran = 0;
    startJobs(new Scheduler({ clock, store }), 1_000, () => {
      ran += 1;
    });
    await clock.advance(DUE - START);
    await expect.poll(() => ran, { interval: 1 }).toBe(1_000);
    expect(store.most).toBeGreaterThan(16);
    expect(store.most).toBeLessThan(200);
  });

  it('are not held up for long by others whose store hangs', async () => {
    const clock = new ManualClock(START);
    const isLast = (id: string): boolean => Number(id.slice('job-'.length)) >= 1_000;
    const ran = new Map<string, number>();
    const scheduler = new Scheduler({ clock, store: new SlowStore((id) => !isLast(id)) });
    startJobs(scheduler, 1_010, (id) => ran.set(id, clock.now() - DUE));
    await clock.advance(DUE - START + 2_000);
    await expect.poll(() => ran.size).toBe(10);
    expect([...ran.keys()].every(isLast)).toBe(true);
    expect(Math.max(...ran.values())).toBeLessThanOrEqual(1_000);
  });
});
