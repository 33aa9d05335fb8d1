import type { ExecutionSlot } from '@cloudiful-scheduler/core';

/** The keys of a slot. All keys of one resource have one hash tag, so that a script may use them together. */
export interface LeaseKeys {
  /** The lease that the slot asks for. */
  readonly lease: string;
  /** The lease of the whole resource. */
  readonly resource: string;
  /** The occurrences of the resource that are leased, by the end of their leases. */
  readonly open: string;
  /** The last fencing token of the resource. */
  readonly fence: string;
  /** The mark that the occurrence was completed. */
  readonly done: string;
  /** The slot's entry in `open`; empty for a lease of the whole resource. */
  readonly member: string;
}

/** Where the leases of `slot` are kept. No two ids share a key. */
export function leaseKeys(
  prefix: string,
  { jobId, resourceId, scope, scheduledAt }: ExecutionSlot,
): LeaseKeys {
  const base = `${prefix}{${escapeId(resourceId)}}`;
  const occurrence = `${escapeId(jobId)}:${scheduledAt.getTime()}`;
  const resource = `${base}:resource`;
  return {
    lease: scope === 'resource' ? resource : `${base}:occurrence:${occurrence}`,
    resource,
    open: `${base}:open`,
    fence: `${base}:fence`,
    done: `${base}:done:${occurrence}`,
    member: scope === 'resource' ? '' : occurrence,
  };
}

/** Lone surrogates have no UTF-8, braces make the hash tag, and colons separate the parts of a key. */
function escapeId(id: string): string {
  return id.replace(/[%{}:]|\p{Surrogate}/gu, (character) => {
    return `%${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
