import type { MissedRunPolicy, OverlapPolicy } from '../src/job.js';

/** A job with planned times, as the reference sees it. All times are in milliseconds from the start. */
export interface ModelJob {
  /** Ascending, without duplicates; those before 0 were missed before the start. */
  readonly times: readonly number[];
  /** How long the runs take, in turn. */
  readonly durations: readonly number[];
  readonly missedRunPolicy: MissedRunPolicy;
  readonly overlapPolicy: OverlapPolicy;
  readonly lateToleranceMs: number;
  readonly replayLimit: number;
  readonly catchUpWithinMs: number | undefined;
  readonly maxRuns: number | undefined;
}

/**
 * What must become of each occurrence, by the rules alone: lists instead of stretches, and none of the
 * engine's code. One line per occurrence, in the order in which they are consumed.
 */
export function expectedLog(job: ModelJob): string[] {
  const log: string[] = [];
  let pending = job.times.slice(0, job.maxRuns ?? job.times.length);
  let running: { endsAt: number; catchUp: boolean }[] = [];
  let queued: { time: number; catchUp: boolean } | undefined;
  let runs = 0;
  let now = 0;

  const begin = (time: number, catchUp: boolean): void => {
    log.push(`${time} runs at ${now}${catchUp ? ' to catch up' : ''}`);
    running.push({ endsAt: now + (job.durations[runs % job.durations.length] as number), catchUp });
    runs += 1;
  };
  const take = (times: readonly number[]): void => {
    pending = pending.filter((time) => !times.includes(time));
  };
  const skip = (times: readonly number[], reason: string): void => {
    take(times);
    for (const time of times) log.push(`${time} skipped ${reason}`);
  };
  const trigger = (times: readonly number[], catchUp: boolean): void => {
    const last = times[times.length - 1] as number;
    const busy = running.length > 0 && job.overlapPolicy !== 'allow_parallel';
    if (busy && (job.overlapPolicy === 'forbid' || queued !== undefined)) {
      skip(times, 'overlap');
      return;
    }
    take(times);
    for (const time of times.slice(0, -1)) log.push(`${time} coalesced`);
    if (busy) queued = { time: last, catchUp };
    else begin(last, catchUp);
  };

  for (;;) {
    running = running.filter((run) => run.endsAt > now);
    if (queued !== undefined && running.length === 0) {
      const { time, catchUp } = queued;
      queued = undefined;
      begin(time, catchUp);
    }
    for (;;) {
      const due = pending.filter((time) => time <= now);
      const [oldest] = due;
      if (oldest === undefined) break;
      const newest = due[due.length - 1] as number;
      const isMissed = (time: number): boolean => time < newest || now - time > job.lateToleranceMs;
      const within = job.catchUpWithinMs ?? Number.POSITIVE_INFINITY;
      const tooLate = due.filter((time) => isMissed(time) && now - time > within);
      if (tooLate.length > 0) {
        skip(tooLate, 'too_late');
      } else if (job.missedRunPolicy === 'skip') {
        skip(due.filter(isMissed), 'missed');
        if (!isMissed(newest)) trigger([newest], false);
      } else if (job.missedRunPolicy === 'catch_up_once') {
        trigger(due, isMissed(oldest));
      } else if (due.length > job.replayLimit) {
        skip(due.slice(0, -job.replayLimit), 'missed');
      } else {
        const replaying = isMissed(oldest) || running.some((run) => run.catchUp);
        if (replaying && running.length > 0 && job.overlapPolicy !== 'allow_parallel') break;
        trigger([oldest], isMissed(oldest));
      }
    }
    const instants = [...running.map((run) => run.endsAt), ...pending.slice(0, 1)].filter((at) => at > now);
    if (instants.length === 0) return log;
    now = Math.min(...instants);
  }
}
