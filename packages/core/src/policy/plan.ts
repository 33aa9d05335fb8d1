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
  const oldestOf = (count: number): Stretch => ({ first: oldest, last: backlog.nth(count), count });
  const drop = (reason: SkipReason, count: number, partial: boolean): Decision => ({
    kind: 'skip',
    reason,
    stretch: oldestOf(count),
    catchUp: false,
    partial,
  });

  const missed = oldestIsMissed(backlog, situation);

  if (job.catchUpWithinMs !== undefined && missed) {
    const onTime = now - backlog.newest > situation.lateToleranceMs ? 0 : 1;
    const tooLate = Math.min(backlog.countBefore(now - job.catchUpWithinMs), backlog.count - onTime);
    if (tooLate > 0) return drop('too_late', tooLate, !backlog.complete && tooLate === backlog.count);
  }
  const surplus = backlog.count - keep;
  switch (job.missedRunPolicy) {
    case 'skip': {
      const allMissed = backlog.complete && now - backlog.newest > situation.lateToleranceMs;
      const dropped = allMissed ? backlog.count : surplus;
      if (dropped > 0) return drop('missed', dropped, !backlog.complete);
      return trigger(job, situation, oldestOf(1), false);
    }
    case 'catch_up_once':
      if (!backlog.complete) return { kind: 'coalesce', stretch: oldestOf(surplus) };
      return trigger(job, situation, oldestOf(backlog.count), missed);
    case 'replay_all': {
      if (surplus > 0) return drop('missed', surplus, !backlog.complete);
      // What comes due while the backlog is replayed belongs behind it.
      const inOrder = (missed || situation.catchingUp) && job.overlapPolicy !== 'allow_parallel';
      if (inOrder && situation.active > 0) return { kind: 'hold' };
      return trigger(job, situation, oldestOf(1), missed);
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

function trigger(job: Job<never>, situation: Situation, stretch: Stretch, catchUp: boolean): Decision {
  const admission = admit(job, situation);
  if (admission.kind === 'skip')
    return { kind: 'skip', reason: admission.reason, stretch, catchUp, partial: false };
  return { kind: 'trigger', stretch, catchUp, queue: admission.kind === 'queue' };
}

/** Whether the oldest occurrence is missed: a later one is also due, or it is more than the tolerance late. */
function oldestIsMissed(backlog: Backlog, { now, lateToleranceMs }: Situation): boolean {
  return backlog.count > 1 || !backlog.complete || now - backlog.newest > lateToleranceMs;
}
