import { ManualClock } from '@cloudiful-scheduler/testkit';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../src/clock.js';
import { defineJob } from '../src/define-job.js';
import { Scheduler } from '../src/engine/scheduler.js';
import { InMemoryExecutionGuard } from '../src/guards/in-memory-execution-guard.js';
import type { JobState } from '../src/job-state.js';
import type { TaskContext } from '../src/job.js';
import { atTimes } from '../src/schedules/at-times.js';
import { every } from '../src/schedules/every.js';
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
    expect(store.most).toBeGreaterThan(8);
    expect(store.most).toBeLessThan(200);
  });

  it('are claimed once, also when the answer to a claim is what lets its own job begin', async () => {
    let now = START;
    let fire = (): void => {};
    const clock: Clock = {
      now: () => now,
      monotonic: () => now,
      setTimer(_, callback) {
        fire = callback;
        return () => {};
      },
    };
    const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const inner = new InMemoryStateStore();
    const held: { readonly jobId: string; readonly answer: () => void }[] = [];
    let isHolding = false;
    const store: StateStore = {
      shared: false,
      load: (id) => inner.load(id),
      delete: (id) => inner.delete(id),
      save(state, expected) {
        if (!isHolding) return inner.save(state, expected);
        const { jobId } = state;
        return new Promise((resolve) =>
          held.push({ jobId, answer: () => resolve(inner.save(state, expected)) }),
        );
      },
    };
    const answer = async (isWanted: (jobId: string) => boolean): Promise<void> => {
      const [call] = held.splice(
        held.findIndex(({ jobId }) => isWanted(jobId)),
        1,
      );
      call?.answer();
      await settle();
    };
    const scheduler = new Scheduler({ clock, store });
    const ran: number[] = [];
    let end = (): void => {};
    const task = ({ run }: TaskContext): Promise<void> => {
      ran.push(run.scheduledAt.getTime() - START);
      return new Promise((resolve) => {
        end = resolve;
      });
    };
    scheduler.start(defineJob({ id: 'job', schedule: every(1_000), task }));
    // As many as may begin in one turn, all before the job.
    for (let index = 0; index < 64; index += 1) {
      const schedule = atTimes([new Date(START + 1_990)]);
      scheduler.start(defineJob({ id: `other-${index}`, schedule, task: () => new Promise(() => {}) }));
    }
    await settle();
    now = START + 1_000;
    fire();
    await settle();
    expect(ran).toEqual([1_000]);
    isHolding = true;
    now = START + 2_000;
    fire();
    expect(held).toHaveLength(64);
    end();
    await settle();
    await answer((jobId) => jobId === 'job'); // the commit; the claim of 2,000 follows
    await answer((jobId) => jobId !== 'job');
    isHolding = false;
    await answer((jobId) => jobId === 'job');
    expect(ran).toEqual([1_000, 2_000]);
    await settle();
    fire();
    await settle();
    expect(ran).toEqual([1_000, 2_000]);
  });

  it('are not held up by others whose store hangs', async () => {
    const clock = new ManualClock(START);
    const isLast = (id: string): boolean => Number(id.slice('job-'.length)) >= 1_000;
    const ran: string[] = [];
    const scheduler = new Scheduler({ clock, store: new SlowStore((id) => !isLast(id)) });
    startJobs(scheduler, 1_010, (id) => ran.push(id));
    await clock.advance(DUE - START);
    expect(ran).toHaveLength(10);
    expect(ran.every(isLast)).toBe(true);
  });
});
