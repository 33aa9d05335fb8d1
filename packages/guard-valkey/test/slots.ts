import { randomBytes } from 'node:crypto';
import type { ExecutionLease, ExecutionSlot } from '@cloudiful-scheduler/core';
import type { ValkeyExecutionGuard } from '../src/index.js';

let count = 0;

/** A slot of a job that no other test uses. */
export function newSlot(overrides: Partial<ExecutionSlot> = {}): ExecutionSlot {
  count += 1;
  const jobId = `job-${count}-${randomBytes(4).toString('hex')}`;
  const scheduledAt = new Date('2026-04-03T01:02:03.004Z');
  return { jobId, resourceId: jobId, scope: 'occurrence', scheduledAt, ...overrides };
}

export function newToken(): string {
  return randomBytes(16).toString('hex');
}

/** Acquires a lease that has to be free. */
export async function acquired(
  guard: ValkeyExecutionGuard,
  slot: ExecutionSlot,
  token = newToken(),
): Promise<ExecutionLease> {
  const answer = await guard.acquire(slot, token);
  if (answer.status !== 'acquired') throw new Error(`The lease is ${answer.status}`);
  return answer.lease;
}
