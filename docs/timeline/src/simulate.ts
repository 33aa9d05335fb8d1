import {
  type Clock,
  defineJob,
  InMemoryExecutionGuard,
  InMemoryStateStore,
  type Job,
  type SchedulerEvent,
  type TaskContext,
} from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';
import { closedStretches } from './closed-stretches.js';
import type { Scenario } from './scenario.js';
import { SimulatedProcess, type Surroundings } from './simulated-process.js';
import { TimelineRecorder } from './timeline-recorder.js';
import type { Timeline, TimelineOutage } from './timeline.js';

const JOB_ID = 'job';
/** More occurrences than this can neither be drawn nor read. */
const MOST_OCCURRENCES = 200;

/** Thrown for a scenario that nobody could read. */
export class TooManyOccurrencesError extends Error {
  constructor() {
    super(
      `More than ${MOST_OCCURRENCES} occurrences are due in this time, too many to draw. Take less time or a slower schedule.`,
    );
  }
}

/**
 * Runs a scenario with the real engine on a clock that is moved by hand, and notes what happened. The same
 * scenario always gives the same timeline. An abort of `signal` ends it early, with the reason of that.
 *
 * @throws InvalidOptionError for whatever the library does not allow.
 * @throws TooManyOccurrencesError when more are due than a drawing can show.
 */
export async function simulate(scenario: Scenario, signal?: AbortSignal): Promise<Timeline> {
  const { spanMs, timezone = 'UTC', instances = 1, leaseTtlMs = 30_000 } = scenario;
  const start = scenario.start.getTime();
  const end = start + spanMs;
  const definition = jobOf(scenario, undefined);
  const due = dueBetween(definition, start, end, timezone);

  const clock = new ManualClock(start);
  const shared = instances > 1;
  const store = new InMemoryStateStore({ shared });
  const guard = shared ? new InMemoryExecutionGuard({ ttlMs: leaseTtlMs, clock }) : undefined;
  const random = seededRandom(instances);
  const recorder = new TimelineRecorder();
  const processes = new Map<number, SimulatedProcess>();
  const boot = (instance: number): void => {
    const surroundings: Surroundings = {
      clock,
      store,
      guard,
      timezone,
      random,
      lateness: (at) => (shared ? latenessOf(at, instance) : 0),
      job: (own) => jobOf(scenario, own),
      onEvent: (event: SchedulerEvent) => recorder.note(instance, event),
    };
    processes.set(instance, new SimulatedProcess(surroundings));
  };

  const endAll = (): void => {
    for (const process of processes.values()) process.crash();
  };
  signal?.addEventListener('abort', endAll);

  const outages = outagesOf(scenario, start, end);
  for (let instance = 0; instance < instances; instance += 1) {
    boot(instance);
    await clock.settle();
  }
  for (const { at, instance, outage } of turningPoints(outages, end)) {
    await clock.advance(at - clock.now());
    signal?.throwIfAborted();
    if (at === outage.to) {
      processes.get(instance)?.crash();
      recorder.interrupt(instance, at);
      boot(instance);
    } else if (outage.kind === 'crash') {
      processes.get(instance)?.crash();
      recorder.interrupt(instance, at);
    } else {
      processes.get(instance)?.stop(outage.to - outage.from);
    }
    await clock.settle();
  }
  // What is due at the end itself is not of this timeline.
  await clock.advance(end - 1 - clock.now());
  endAll();
  signal?.throwIfAborted();

  const closed = closedStretches(definition.timeWindow, start, end, timezone);
  return { start, end, timezone, instances, due, outages, closed, ...recorder.result(end) };
}

function jobOf(scenario: Scenario, clock: Clock | undefined): Job<undefined> {
  const { schedule, taskMs, missedRunPolicy, overlapPolicy, interruptedRunPolicy, timeWindow } = scenario;
  return defineJob({
    id: JOB_ID,
    schedule,
    missedRunPolicy,
    overlapPolicy,
    interruptedRunPolicy,
    timeWindow,
    task: ({ signal }: TaskContext<undefined>) =>
      new Promise<void>((resolve, reject) => {
        const cancel = clock?.setTimer(taskMs, resolve);
        signal.addEventListener('abort', () => {
          cancel?.();
          reject(signal.reason as Error);
        });
      }),
  });
}

function dueBetween({ schedule }: Job<undefined>, start: number, end: number, timezone: string): number[] {
  const due: number[] = [];
  const context = { timezone };
  let occurrence = schedule.first(start, context);
  while (occurrence !== undefined && occurrence < end) {
    if (due.length === MOST_OCCURRENCES) {
      throw new TooManyOccurrencesError();
    }
    due.push(occurrence);
    occurrence = schedule.next(occurrence, context);
  }
  return due;
}

function outagesOf({ outages = [], instances = 1 }: Scenario, start: number, end: number): TimelineOutage[] {
  return outages.flatMap(({ fromMs, toMs, kind = 'crash', instance }) => {
    const concerned =
      instance === undefined ? Array.from({ length: instances }, (_, index) => index) : [instance];
    const from = start + fromMs;
    return concerned
      .filter((index) => index < instances && from < end && fromMs < toMs)
      .map((index) => ({ instance: index, from, to: start + toMs, kind }));
  });
}

interface TurningPoint {
  readonly at: number;
  readonly instance: number;
  readonly outage: TimelineOutage;
}

function turningPoints(outages: readonly TimelineOutage[], end: number): TurningPoint[] {
  return outages
    .flatMap((outage) => [
      { at: outage.from, instance: outage.instance, outage },
      { at: outage.to, instance: outage.instance, outage },
    ])
    .filter(({ at }) => at < end)
    .sort((a, b) => a.at - b.at || a.instance - b.instance);
}

/**
 * How many milliseconds late a timer fires where there are several instances, so that these take turns as
 * real ones do. It depends on nothing but the second and the instance.
 */
function latenessOf(at: number, instance: number): number {
  let mixed = Math.imul(Math.floor(at / 1_000) ^ (instance << 28), 0x9e37_79b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85eb_ca6b);
  return ((mixed ^ (mixed >>> 13)) >>> 8) % 20;
}

/** The linear congruential generator that the C standard gives as its example. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 1) / 0x8000_0000;
  };
}
