import { ManualClock, RecordingObserver } from '@cloudiful-scheduler/testkit';
import { defineJob } from '../src/define-job.js';
import { Scheduler, type SchedulerOptions } from '../src/engine/scheduler.js';
import type { Job, JobOptions, TaskContext } from '../src/job.js';
import type { JobState } from '../src/job-state.js';
import { every } from '../src/schedules/every.js';
import type { Revision, SaveResult, StateStore, StoredJobState } from '../src/state-store.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';
import { SeededRandom } from './seeded-random.js';

/**
 * One for all worlds, since those that share a store must not draw the same ids. Another seed is another jitter in
 * each pause between retries: no test may depend on it.
 */
const { next: random } = new SeededRandom(Number(process.env['WORLD_SEED'] ?? 1));

/** Where tests begin. */
export const START = Date.parse('2026-01-01T00:00:00Z');

/** A clock, an observer and a store, and what ran. */
export class World {
  readonly clock: ManualClock;
  readonly observer = new RecordingObserver();
  readonly runs: TaskContext<undefined>[] = [];

  constructor(
    readonly store: StateStore = new InMemoryStateStore(),
    start = START,
  ) {
    this.clock = new ManualClock(start);
  }

  scheduler(options: SchedulerOptions = {}): Scheduler {
    const { clock, store, observer } = this;
    return new Scheduler({ clock, store, observers: [observer], random, ...options });
  }

  /** A job each second that notes its runs; `takesMs` lets them last. */
  job({ takesMs = 0, ...options }: Partial<JobOptions> & { takesMs?: number } = {}): Job<undefined> {
    return defineJob({
      id: 'job',
      schedule: every(1_000),
      task: async (context) => {
        this.runs.push(context);
        if (takesMs > 0) await this.wait(takesMs);
      },
      ...options,
    });
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.setTimer(ms, resolve);
    });
  }

  /** The occurrences that ran, in milliseconds from {@link START}. */
  get scheduled(): number[] {
    return this.runs.map(({ run }) => run.scheduledAt.getTime() - START);
  }

  get skips(): string[] {
    return this.observer.ofType('run_skipped').map(({ reason, count }) => `${reason} ${count}`);
  }
}

/** A store whose calls can be made to fail, to hang, or to lose their answers. */
export class FaultyStore implements StateStore {
  readonly inner: InMemoryStateStore;
  readonly shared: boolean;
  readonly calls: string[] = [];
  /** Asked before each call: what goes wrong with it. */
  fault: (call: 'load' | 'save' | 'delete') => Fault = () => undefined;

  constructor(options: { shared?: boolean } = {}) {
    this.inner = new InMemoryStateStore(options);
    this.shared = this.inner.shared;
  }

  load(jobId: string): Promise<StoredJobState | undefined> {
    return this.#call('load', () => this.inner.load(jobId));
  }

  save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
    return this.#call('save', () => this.inner.save(state, expected));
  }

  delete(jobId: string): Promise<void> {
    return this.#call('delete', () => this.inner.delete(jobId));
  }

  #call<T>(name: 'load' | 'save' | 'delete', call: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    return callUnder(this.fault(name), call);
  }
}

/** What goes wrong with a call: it fails, is never answered, or is carried out and its answer lost. */
export type Fault = 'fail' | 'hang' | 'lose_reply' | Error | undefined;

/** Makes a call that meets a fault. */
export async function callUnder<T>(fault: Fault, call: () => Promise<T>): Promise<T> {
  if (fault === 'hang') return new Promise<never>(() => {});
  if (fault === 'fail') throw new Error('connection refused');
  if (fault instanceof Error) throw fault;
  const answer = await call();
  if (fault === 'lose_reply') throw new Error('connection reset');
  return answer;
}
