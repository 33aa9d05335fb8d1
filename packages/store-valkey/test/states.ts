import { randomBytes } from 'node:crypto';
import type { JobState, Revision, StateStore } from '@cloudiful-scheduler/core';

/** An id that no other test uses. */
export function newJobId(): string {
  return `job-${randomBytes(6).toString('hex')}`;
}

export function stateOf(jobId: string, triggerCount = 1): JobState {
  return {
    jobId,
    triggerCount,
    nextRunAt: new Date('2026-04-03T01:02:03.004Z'),
    paused: false,
    inFlight: [],
  };
}

/** Saves what has to be saved without a conflict. */
export async function saved(
  store: StateStore,
  state: JobState,
  expected: Revision | undefined,
): Promise<Revision> {
  const answer = await store.save(state, expected);
  if (answer.status !== 'saved') throw new Error('The save met a conflict');
  return answer.revision;
}
