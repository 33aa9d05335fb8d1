import type { SkipReason } from '../events.js';
import type { Job } from '../job.js';
import type { JobState } from '../job-state.js';
import type { ScheduleContext } from '../schedule.js';
import { type Backlog, findBacklog } from './backlog.js';

/** What {@link plan} has to know besides the job and its state. */
export interface Situation extends ScheduleContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Runs that count for overlap, queued ones not included. */
  readonly active: number;
  /** Whether one of the active runs makes up for missed occurrences. */
  readonly catchingUp: boolean;
  /** Runs that are claimed and wait for the active one. */
  readonly queued: number;
  /** Whether this instance is paused. */
  readonly paused: boolean;
  /** Later than this is a missed run. */
  readonly lateToleranceMs: number;
}

/** A stretch of occurrences that is consumed at once. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** What to do next for a job. */
export type Decision =
  /** No occurrence is left. */
  | { readonly kind: 'terminal' }
  /** Nothing is done until resumed. */
  | { readonly kind: 'paused' }
  /** Nothing is due before `until`. */
  | { readonly kind: 'wait'; readonly until: number }
  /** Something is due, and waits for the active run to end. */
  | { readonly kind: 'hold' }
  /** Consume the stretch without a run. */
  | {
      readonly kind: 'skip';
      readonly reason: SkipReason;
      readonly stretch: Stretch;
      /** Whether a run would have made up for missed occurrences. */
      readonly catchUp: boolean;
      /** Whether it is a part of a longer stretch that is not known to its end yet. */
      readonly partial: boolean;
    }
  /** Consume the stretch; the catch-up that follows stands for it. */
  | { readonly kind: 'coalesce'; readonly stretch: Stretch }
  /** Consume the stretch and run its last occurrence, at once or when the active run has ended. */
  | {
      readonly kind: 'trigger';
      readonly stretch: Stretch;
      readonly catchUp: boolean;
      readonly queue: boolean;
      /**
       * Older occurrences that are dropped as missed in the same change. With a change of its own for the drop, a
       * schedule that is faster than the store would have something to drop before each run, and never come to one.
       */
      readonly dropped: Stretch | undefined;
    };

/** What to do with a trigger that may run now. */
export type Admission =
  | { readonly kind: 'run' }
  | { readonly kind: 'queue' }
  | { readonly kind: 'skip'; readonly reason: SkipReason };

/**
 * Decides what to do next: the one door to the policies. Pure; the engine carries out what it says, one
 * decision at a time, and asks again.
 */
export function plan(job: Job<never>, state: JobState, situation: Situation): Decision {
  const remaining = remainingRuns(job, state);
  const oldest = state.nextRunAt?.getTime();
  if (oldest === undefined || remaining === 0) return { kind: 'terminal' };
  if (state.paused || situation.paused) return { kind: 'paused' };
  const { now } = situation;
  if (oldest > now) return { kind: 'wait', until: oldest };

  const keep = job.missedRunPolicy === 'replay_all' ? job.replayLimit : 1;
  const backlog = findBacklog(job.schedule, situation, { oldest, now, limit: remaining, keep });
  const missed = oldestIsMissed(backlog, situation);

  if (job.catchUpWithinMs !== undefined && missed) {
    const onTime = isLate(backlog.newest, situation) ? 0 : 1;
    const tooLate = Math.min(backlog.countBefore(now - job.catchUpWithinMs), backlog.count - onTime);
    if (tooLate > 0)
      return drop('too_late', oldestOf(backlog, tooLate), !backlog.complete && tooLate === backlog.count);
  }
  const surplus = backlog.count - keep;
  switch (job.missedRunPolicy) {
    case 'skip': {
      const allMissed = backlog.complete && isLate(backlog.newest, situation);
      return triggerAfter(job, situation, backlog, allMissed ? backlog.count : surplus, false);
    }
    case 'catch_up_once':
      if (!backlog.complete) return { kind: 'coalesce', stretch: oldestOf(backlog, surplus) };
      return trigger(job, situation, oldestOf(backlog, backlog.count), missed);
    case 'replay_all': {
      const catchesUp = missed && (keep > 1 || isLate(backlog.newest, situation));
      // What comes due while the backlog is replayed belongs behind it.
      const inOrder = (catchesUp || situation.catchingUp) && job.overlapPolicy !== 'allow_parallel';
      if (inOrder && situation.active > 0) {
        return surplus > 0 ? drop('missed', oldestOf(backlog, surplus), !backlog.complete) : { kind: 'hold' };
      }
      return triggerAfter(job, situation, backlog, surplus, catchesUp);
    }
  }
}

/** Whether a run that is ready may start now, by the overlap policy and the time window. */
export function admit(job: Job<never>, situation: Situation): Admission {
  if (situation.active > 0 && job.overlapPolicy !== 'allow_parallel') {
    if (job.overlapPolicy === 'forbid' || situation.queued > 0) return { kind: 'skip', reason: 'overlap' };
    return { kind: 'queue' };
  }
  return isInsideWindow(job, situation) ? { kind: 'run' } : { kind: 'skip', reason: 'outside_time_window' };
}

/** Whether the job's time window lets a run start now. */
export function isInsideWindow(job: Job<never>, situation: Pick<Situation, 'now' | 'timezone'>): boolean {
  return job.timeWindow === undefined || job.timeWindow.contains(situation.now, situation.timezone);
}

/** How many occurrences may still be consumed. */
export function remainingRuns(job: Job<never>, state: JobState): number {
  return job.maxRuns === undefined ? Number.POSITIVE_INFINITY : Math.max(0, job.maxRuns - state.triggerCount);
}

function oldestOf(backlog: Backlog, count: number): Stretch {
  return { first: backlog.nth(1), last: backlog.nth(count), count };
}

function drop(reason: SkipReason, stretch: Stretch, partial: boolean): Decision {
  return { kind: 'skip', reason, stretch, catchUp: false, partial };
}

function trigger(job: Job<never>, situation: Situation, stretch: Stretch, catchUp: boolean): Decision {
  const admission = admit(job, situation);
  if (admission.kind === 'skip')
    return { kind: 'skip', reason: admission.reason, stretch, catchUp, partial: false };
  return { kind: 'trigger', stretch, catchUp, queue: admission.kind === 'queue', dropped: undefined };
}

/** Drops the oldest `surplus` occurrences as missed, and triggers the one after them if it may run. */
function triggerAfter(
  job: Job<never>,
  situation: Situation,
  backlog: Backlog,
  surplus: number,
  catchUp: boolean,
): Decision {
  if (surplus <= 0) return trigger(job, situation, oldestOf(backlog, 1), catchUp);
  const dropped = oldestOf(backlog, surplus);
  if (backlog.complete && surplus < backlog.count) {
    const instant = backlog.nth(surplus + 1);
    const decision = trigger(job, situation, { first: instant, last: instant, count: 1 }, catchUp);
    if (decision.kind === 'trigger') return { ...decision, dropped };
  }
  return drop('missed', dropped, !backlog.complete);
}

/** Whether the oldest occurrence is missed: a later one is also due, or it is more than the tolerance late. */
function oldestIsMissed(backlog: Backlog, situation: Situation): boolean {
  return backlog.count > 1 || !backlog.complete || isLate(backlog.newest, situation);
}

function isLate(instant: number, { now, lateToleranceMs }: Situation): boolean {
  return now - instant > lateToleranceMs;
}
