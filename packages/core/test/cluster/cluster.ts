import { ManualClock } from '@cloudiful-scheduler/testkit';
import type { Clock } from '../../src/clock.js';
import { defineJob } from '../../src/define-job.js';
import type { JobHandle } from '../../src/engine/job-handle.js';
import { Scheduler } from '../../src/engine/scheduler.js';
import type {
  AcquireResult,
  ExecutionGuard,
  ExecutionLease,
  ExecutionSlot,
} from '../../src/execution-guard.js';
import { InMemoryExecutionGuard } from '../../src/guards/in-memory-execution-guard.js';
import type { MissedRunPolicy, OverlapPolicy, TaskContext } from '../../src/job.js';
import type { JobState } from '../../src/job-state.js';
import type { SchedulerObserver } from '../../src/observer.js';
import { every } from '../../src/schedules/every.js';
import type { Revision, SaveResult, StateStore, StoredJobState } from '../../src/state-store.js';
import { InMemoryStateStore } from '../../src/stores/in-memory-state-store.js';
import { History, type RunHistory } from './history.js';
import { SeededRandom } from '../seeded-random.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const INTERVAL_MS = 1_000;
const TTL_MS = 3_000;
const CHAOS_MS = 180_000;
const QUIET_MS = 60_000;
/** More than a command takes on its way, and a stop with the start after it. */
const SETTLE_MS = 10_000;
const JOB_ID = 'job';

interface Policies {
  readonly missedRunPolicy: MissedRunPolicy;
  readonly overlapPolicy: OverlapPolicy;
  readonly sharedStore: boolean;
}

/** A store's records, which outlive the instances that use them. */
interface Records {
  readonly name: string;
  readonly store: InMemoryStateStore;
}

/** Several instances on one guard, and on one store or each on its own, with faults as a seed wills. */
export class Cluster {
  readonly clock = new ManualClock(START);
  readonly random: SeededRandom;
  readonly policies: Policies;
  readonly history: History;
  readonly guard = new InMemoryExecutionGuard({ ttlMs: TTL_MS, renewEveryMs: TTL_MS / 3, clock: this.clock });
  readonly #instances: Instance[];
  /** How likely a call meets a fault. */
  faultRate = 0;
  /** Whether all faults are over, and the backlog can be worked off. */
  calm = false;

  /**
   * @param manualTriggers - Whether runs are asked for by hand, too.
   * @param stops - Whether instances on a shared store are also shut down, cancelled and started anew.
   */
  constructor(
    seed: number,
    private readonly manualTriggers: boolean,
    private readonly stops = false,
  ) {
    this.random = new SeededRandom(seed);
    const overlapPolicy = this.random.pick(['forbid', 'queue_one', 'allow_parallel'] as const);
    const missedRunPolicy = this.random.pick(['skip', 'catch_up_once', 'replay_all'] as const);
    this.policies = { missedRunPolicy, overlapPolicy, sharedStore: this.random.chance(0.75) };
    const maxInFlight = { forbid: 1, queue_one: 2, allow_parallel: Number.POSITIVE_INFINITY }[overlapPolicy];
    this.history = new History(() => this.clock.monotonic(), INTERVAL_MS, maxInFlight);
    const shared: Records = { name: 'the store', store: new InMemoryStateStore({ shared: true }) };
    this.#instances = Array.from({ length: this.random.between(2, 3) }, (_, index) => {
      const name = `i${index}`;
      const own = { name: `the store of ${name}`, store: new InMemoryStateStore() };
      return new Instance(
        this,
        name,
        this.policies.sharedStore ? shared : own,
        new SeededRandom(seed * 31 + index),
      );
    });
  }

  /** How many occurrences were claimed. */
  get triggers(): number {
    return this.history.claimed.size;
  }

  async run(): Promise<void> {
    for (const instance of this.#instances) instance.start();
    while (this.clock.monotonic() < CHAOS_MS) {
      await this.clock.advance(this.random.between(50, 2_500));
      this.#disturb(this.random.pick(this.#instances));
      if (this.manualTriggers && this.random.chance(0.3)) this.random.pick(this.#instances).trigger();
    }
    this.faultRate = 0;
    this.calm = true;
    // A pause that is under way still may be written, and kill its instance before that could resume (seed 513); one
    // that is about to stop resumes nothing any more (seed 62844).
    await this.clock.advance(SETTLE_MS);
    for (const instance of this.#instances) instance.heal();
    await this.clock.advance(QUIET_MS);
    for (const instance of this.#instances) instance.checkAlive();
    for (const instance of this.#instances) instance.end();
    await this.clock.advance(QUIET_MS);
    for (const instance of this.#instances) await instance.checkRest();
    this.history.checkEnd();
  }

  #disturb(instance: Instance): void {
    const { random } = this;
    if (this.stops && this.policies.sharedStore && random.chance(0.25)) {
      const stop = random.pick(['shutdown', 'cancel'] as const);
      instance.stop(stop, random.between(0, 4_000), random.between(0, 3_000));
      return;
    }
    switch (random.pick(['crash', 'stall', 'clock', 'network', 'pause', 'calm', 'calm'] as const)) {
      case 'crash':
        instance.crash(random.chance(0.3) ? 0 : random.between(1, 8_000));
        return;
      case 'stall':
        instance.stall(random.between(100, 2.5 * TTL_MS));
        return;
      case 'clock':
        instance.stepClock(random.between(-5_000, 5_000));
        return;
      case 'network':
        this.faultRate = this.faultRate > 0 ? 0 : 0.2;
        return;
      case 'pause':
        instance.togglePause();
        return;
      case 'calm':
    }
  }
}

/** One process: its clock, its connection and its scheduler, which it loses when it is killed. */
class Instance {
  #life = 0;
  #up = false;
  #clockOffset = 0;
  #stalledUntil = Number.NEGATIVE_INFINITY;
  #handle: JobHandle | undefined;
  #scheduler: Scheduler | undefined;
  #paused = false;
  #stopping = false;

  constructor(
    private readonly cluster: Cluster,
    readonly name: string,
    private readonly records: Records,
    private readonly random: SeededRandom,
  ) {}

  start(): void {
    if (this.#up) return;
    this.#up = true;
    this.#life += 1;
    this.#stopping = false;
    const life = this.#life;
    const { cluster } = this;
    cluster.history.note(`${this.name} comes up`);
    this.#scheduler = new Scheduler({
      store: this.#store(),
      guard: this.#guard(),
      observers: [this.#observer()],
      clock: this.#clock(life),
      random: this.random.next,
    });
    const { missedRunPolicy, overlapPolicy } = cluster.policies;
    this.#handle = this.#scheduler.start(
      defineJob({
        id: JOB_ID,
        schedule: every(INTERVAL_MS, { anchor: new Date(START) }),
        missedRunPolicy,
        overlapPolicy,
        maxInterruptedReruns: 1_000,
        task: (context: TaskContext<undefined>) => this.#task(context, life),
      }),
    );
    void this.#handle.finished.catch((error: unknown) => {
      if (life === this.#life) cluster.history.violation(`the job failed on ${this.name}: ${String(error)}`);
    });
  }

  /** The process is killed, wherever it is, and comes up again. */
  crash(restartAfterMs: number): void {
    if (!this.#up) return;
    this.cluster.history.note(`${this.name} is killed`);
    this.#up = false;
    this.#life += 1;
    this.#noteDisturbance();
    this.cluster.clock.setTimer(restartAfterMs, () => this.start());
  }

  /** The process is asked to end, ends when it has settled, and comes up again. */
  stop(how: 'shutdown' | 'cancel', graceMs: number, restartAfterMs: number): void {
    const { clock, history } = this.cluster;
    if (!this.#up || this.#stopping || this.#handle === undefined) return;
    const life = this.#life;
    this.#stopping = true;
    history.note(`${this.name} is asked to ${how}`);
    this.#noteDisturbance();
    const settled = how === 'shutdown' ? this.#handle.shutdown({ graceMs }) : this.#handle.cancel();
    void settled.then(() => {
      if (life !== this.#life) return;
      history.note(`${this.name} has settled`);
      this.#up = false;
      this.#life += 1;
      clock.setTimer(restartAfterMs, () => this.start());
    });
  }

  /** Nothing of the process goes on for a while: a blocked event loop, a suspended machine. */
  stall(ms: number): void {
    if (!this.#up) return;
    this.cluster.history.note(`${this.name} stalls for ${ms}`);
    this.#stalledUntil = Math.max(this.#stalledUntil, this.cluster.clock.monotonic() + ms);
    this.#noteDisturbance();
  }

  stepClock(ms: number): void {
    this.#clockOffset = ms;
  }

  togglePause(): void {
    if (!this.#up || !this.cluster.policies.sharedStore) return;
    this.#paused = !this.#paused;
    const change = this.#paused
      ? this.#handle?.pause({ scope: 'shared' })
      : this.#handle?.resume({ scope: 'shared' });
    change?.catch(() => {});
  }

  trigger(): void {
    if (this.#up) this.#handle?.trigger().catch(() => {});
  }

  heal(): void {
    this.#clockOffset = 0;
    this.start();
    this.#handle?.resume({ scope: 'shared' }).catch(() => {});
  }

  checkAlive(): void {
    const lag = START + this.cluster.clock.monotonic() - (this.#handle?.snapshot().nextRunAt?.getTime() ?? 0);
    if (lag > 10 * INTERVAL_MS)
      this.cluster.history.violation(`${this.name} is ${lag} ms behind in quiet times`);
  }

  end(): void {
    void this.#scheduler?.shutdown({ graceMs: QUIET_MS });
  }

  async checkRest(): Promise<void> {
    const stored = await this.records.store.load(JOB_ID);
    for (const { scheduledAt, handedBack } of stored?.state.inFlight ?? []) {
      // What had not begun is left to the next start.
      if (handedBack === true) this.cluster.history.claimed.delete(scheduledAt.getTime());
      else
        this.cluster.history.violation(`${scheduledAt.getTime()} is left in flight in ${this.records.name}`);
    }
  }

  /** Nothing begins in a job that has reported its end. */
  #observer(): SchedulerObserver {
    let isOver = false;
    return {
      onEvent: ({ type }) => {
        if (type === 'scheduler_stopped') isOver = true;
        else if (isOver && (type === 'trigger_emitted' || type === 'run_started'))
          this.cluster.history.violation(`${this.name} reports ${type} after its end`);
      },
    };
  }

  #noteDisturbance(): void {
    for (const run of this.cluster.history.runs) {
      if (run.instance === this.name && run.finishedAt === undefined)
        run.disturbedAt ??= this.cluster.clock.monotonic();
    }
  }

  #clock(life: number): Clock {
    const { clock } = this.cluster;
    return {
      now: () => clock.now() + this.#clockOffset,
      monotonic: () => clock.monotonic(),
      setTimer: (delayMs, callback) => {
        let cancelled = false;
        const cancel = clock.setTimer(delayMs, () =>
          this.#whenAwake(life, () => {
            if (!cancelled) callback();
          }),
        );
        return () => {
          cancelled = true;
          cancel();
        };
      },
    };
  }

  /** Goes on at once, after the stall, or never if the process has died. */
  #whenAwake(life: number, goOn: () => void): void {
    if (life !== this.#life) return;
    const wait = this.#stalledUntil - this.cluster.clock.monotonic();
    if (wait <= 0) goOn();
    else this.cluster.clock.setTimer(wait, () => this.#whenAwake(life, goOn));
  }

  /** Sends a command over the network: it may be lost on the way there or back, or never be answered. */
  #send<T>(apply: () => Promise<T>): Promise<T> {
    const { clock, random, faultRate } = this.cluster;
    const life = this.#life;
    const fault = random.chance(faultRate)
      ? random.pick(['lost', 'reply_lost', 'hang', 'crash_after'] as const)
      : undefined;
    return new Promise((resolve, reject) => {
      const answer = (goOn: () => void): void => {
        clock.setTimer(random.between(0, 15), () => this.#whenAwake(life, goOn));
      };
      clock.setTimer(random.between(0, 15), () => {
        if (fault === 'lost') {
          answer(() => reject(new Error('connection refused')));
          return;
        }
        void apply().then((value) => {
          if (fault === 'crash_after' && life === this.#life) this.crash(random.between(0, 3_000));
          else if (fault === 'reply_lost') answer(() => reject(new Error('connection reset')));
          else if (fault !== 'hang') answer(() => resolve(value));
        });
      });
    });
  }

  #store(): StateStore {
    const { store, name } = this.records;
    return {
      shared: store.shared,
      load: (jobId: string): Promise<StoredJobState | undefined> => this.#send(() => store.load(jobId)),
      save: (state: JobState, expected: Revision | undefined): Promise<SaveResult> =>
        this.#send(async () => {
          const before = await store.load(state.jobId);
          const answer = await store.save(state, expected);
          if (answer.status === 'saved') this.cluster.history.saved(name, this.name, before?.state, state);
          return answer;
        }),
      delete: (jobId: string): Promise<void> => this.#send(() => store.delete(jobId)),
    };
  }

  #guard(): ExecutionGuard {
    const { guard, history } = this.cluster;
    return {
      ttlMs: TTL_MS,
      acquire: (slot: ExecutionSlot, token: string): Promise<AcquireResult> =>
        this.#send(async () => {
          const answer = await guard.acquire(slot, token);
          if (answer.status === 'acquired') history.acquired(token, TTL_MS);
          return answer;
        }),
      renew: (lease: ExecutionLease) =>
        this.#send(async () => {
          const answer = await guard.renew(lease);
          if (answer === 'renewed') history.renewed(lease.token, TTL_MS);
          return answer;
        }),
      release: (lease: ExecutionLease, outcome: 'completed' | 'abandoned') =>
        this.#send(async () => {
          const answer = await guard.release(lease, outcome);
          if (answer === 'released') history.released(lease.token, outcome);
          return answer;
        }),
    };
  }

  #task({ run, lease, signal }: TaskContext<undefined>, life: number): Promise<void> {
    const { clock, history, random, policies } = this.cluster;
    if (lease === undefined) throw new Error('a run without a lease');
    const entry: RunHistory = {
      instance: this.name,
      store: this.records.name,
      occurrence: run.scheduledAt.getTime(),
      attempt: run.attempt,
      startedAt: clock.monotonic(),
      wallClock: clock.now() + this.#clockOffset,
      lease: history.lease(lease.token),
      finishedAt: undefined,
      abortedAt: undefined,
      committedAt: undefined,
      disturbedAt: undefined,
    };
    history.started(entry, policies.overlapPolicy === 'allow_parallel');
    const obeys = random.chance(0.5);
    const takesMs =
      this.cluster.calm || random.chance(0.8) ? random.between(0, 300) : random.between(300, 1.5 * TTL_MS);
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        if (entry.finishedAt !== undefined) return;
        entry.finishedAt = clock.monotonic();
        history.note(`${this.name} finishes ${entry.occurrence}`);
        settle();
      };
      signal.addEventListener('abort', () => {
        entry.abortedAt = clock.monotonic();
        if (obeys) finish(() => reject(signal.reason));
      });
      clock.setTimer(takesMs, () => this.#whenAwake(life, () => finish(resolve)));
    });
  }
}
