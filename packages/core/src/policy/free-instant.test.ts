import { describe, expect, it } from 'vitest';
import { defineJob } from '../define-job.js';
import type { Job } from '../job.js';
import type { JobState } from '../job-state.js';
import type { Schedule } from '../schedule.js';
import { every } from '../schedules/every.js';
import { type InstantRange, withFreeInstant } from './free-instant.js';

const TEN_YEARS = 10 * 365 * 86_400_000;

function stateOf(nextRunAt: number | undefined, others: Partial<JobState> = {}): JobState {
  return {
    jobId: 'job',
    triggerCount: 0,
    lastRunAt: undefined,
    lastSuccessAt: undefined,
    nextRunAt: nextRunAt === undefined ? undefined : new Date(nextRunAt),
    lastError: undefined,
    lastScheduledAt: undefined,
    paused: false,
    inFlight: [],
    scheduleFingerprint: undefined,
    ...others,
  };
}

function freeInstant(schedule: Schedule, state: JobState, now: number, given?: InstantRange): InstantRange {
  const job: Job<undefined> = defineJob({ id: 'job', schedule, task: () => {} });
  return withFreeInstant(job as Job<never>, state, { now, timezone: 'UTC' }, given);
}

describe('an occurrence for a run by hand', () => {
  it('is now where nothing is due', () => {
    expect(freeInstant(every(1_000), stateOf(5_000), 4_300).next).toBe(4_300);
    expect(freeInstant(every(1_000), stateOf(undefined), 5_000).next).toBe(5_000);
  });

  it('is not one that the schedule has yet to give away', () => {
    const state = stateOf(677_000);
    expect(freeInstant(every(1_000), state, 677_000).next).toBe(676_999);
    expect(freeInstant(every(1_000), state, 681_000).next).toBe(680_999);
    expect(freeInstant(every(1_000), state, 681_001).next).toBe(681_001);
    const next = (after: number): number => after + 1_000;
    const stepped: Schedule = { kind: 'interval', fingerprint: 'stepped', first: next, next };
    expect(freeInstant(stepped, state, 681_000).next).toBe(680_999);
  });

  it('comes before the backlog of a schedule that has each instant, in a few steps', () => {
    expect(freeInstant(every(1), stateOf(2_000), 2_000 + TEN_YEARS).next).toBe(1_999);
    const entry = { scheduledAt: new Date(1_999), catchUp: false, triggerCount: 0, attempt: 1, owner: 'a' };
    expect(freeInstant(every(1), stateOf(2_000, { inFlight: [entry] }), 2_000 + TEN_YEARS).next).toBe(1_998);
  });

  it('differs for each one of a burst', () => {
    const state = stateOf(10_000, { lastScheduledAt: new Date(9_000) });
    let given: InstantRange | undefined;
    const instants: number[] = [];
    for (const now of [9_001, 9_001, 9_001, 9_002, 9_002, 9_050]) {
      given = freeInstant(every(1_000), state, now, given);
      instants.push(given.next);
    }
    expect(instants).toEqual([9_001, 8_999, 8_998, 9_002, 8_997, 9_050]);
  });
});
