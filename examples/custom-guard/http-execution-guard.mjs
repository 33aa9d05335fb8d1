import { createHash } from 'node:crypto';
import { GuardError } from '@cloudiful-scheduler/core';

const TIMEOUT_MS = 5_000;
const NOTHING = { fencingToken: 0, leases: [], done: [] };

/**
 * Hands out leases that are kept in a key/value service: one document per resource, changed by compare-and-set.
 * Time is the service's, so that it does not matter whether the clocks of the instances agree.
 */
export class HttpExecutionGuard {
  #renewEveryMs;
  #completedTtlMs;

  /** @param url - Where the documents go; ends in a slash. */
  constructor(url, { ttlMs = 15_000, renewEveryMs = ttlMs / 3, completedTtlMs = 600_000 } = {}) {
    this.url = url;
    this.ttlMs = ttlMs;
    this.#renewEveryMs = renewEveryMs;
    this.#completedTtlMs = completedTtlMs;
  }

  acquire(slot, token) {
    const key = leaseKey(slot);
    return this.#change(slot.resourceId, ({ fencingToken, leases, done }, now) => {
      if (done.some((marker) => marker.key === occurrenceKey(slot)))
        return { answer: { status: 'completed' } };
      // The same token again: the answer was lost, and the lease is given once more.
      const again = leases.find((lease) => lease.key === key && lease.token === token);
      const others = leases.filter((lease) => lease !== again);
      if (others.some((lease) => excludes(lease.key, key))) return { answer: { status: 'contended' } };
      const mine = again ?? { key, token, fencingToken: fencingToken + 1 };
      const lease = { slot, ...mine, ttlMs: this.ttlMs, renewEveryMs: this.#renewEveryMs };
      return {
        answer: { status: 'acquired', lease },
        change: {
          fencingToken: Math.max(fencingToken, mine.fencingToken),
          leases: [...others, { ...mine, expiresAt: now + this.ttlMs }],
        },
      };
    });
  }

  renew({ slot, key, token }) {
    return this.#change(slot.resourceId, ({ leases }, now) => {
      const mine = leases.find((lease) => lease.key === key && lease.token === token);
      if (mine === undefined) return { answer: 'lost' };
      const renewed = { ...mine, expiresAt: now + this.ttlMs };
      return { answer: 'renewed', change: { leases: leases.with(leases.indexOf(mine), renewed) } };
    });
  }

  release({ slot, key, token }, outcome) {
    return this.#change(slot.resourceId, ({ leases, done }, now) => {
      const mine = leases.find((lease) => lease.key === key && lease.token === token);
      if (mine === undefined) {
        const before = done.some((marker) => marker.key === occurrenceKey(slot) && marker.token === token);
        return { answer: before && outcome === 'completed' ? 'released' : 'lost' };
      }
      const change = { leases: leases.filter((lease) => lease !== mine) };
      if (outcome === 'completed') {
        change.done = [...done, { key: occurrenceKey(slot), token, expiresAt: now + this.#completedTtlMs }];
      }
      return { answer: 'released', change };
    });
  }

  /** Reads the document of a resource, decides, and writes; starts again when another wrote meanwhile. */
  async #change(resourceId, decide) {
    for (;;) {
      const read = await this.#send('GET', resourceId);
      const now = Number(read.headers.get('time-ms'));
      const stored = read.status === 404 ? NOTHING : parse(await read.text());
      const isValid = ({ expiresAt }) => expiresAt > now;
      const document = {
        ...stored,
        leases: stored.leases.filter(isValid),
        done: stored.done.filter(isValid),
      };
      const { answer, change } = decide(document, now);
      if (change === undefined) return answer;
      const condition =
        read.status === 404 ? { 'If-None-Match': '*' } : { 'If-Match': read.headers.get('etag') };
      const written = await this.#send(
        'PUT',
        resourceId,
        condition,
        JSON.stringify({ ...document, ...change }),
      );
      if (written.status !== 412) return answer;
    }
  }

  async #send(method, resourceId, headers, body) {
    const response = await fetch(this.url + hash(resourceId), {
      method,
      headers,
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(unavailable);
    if (response.ok || response.status === 404 || response.status === 412) return response;
    if (response.status === 401 || response.status === 403) {
      throw new GuardError('ERR_GUARD_DENIED', `The service refuses: ${response.status}`);
    }
    throw new GuardError('ERR_GUARD_UNAVAILABLE', `The service answered ${response.status}`);
  }
}

const WHOLE_RESOURCE = 'resource';

function leaseKey(slot) {
  return slot.scope === 'resource' ? WHOLE_RESOURCE : occurrenceKey(slot);
}

function occurrenceKey({ jobId, scheduledAt }) {
  return `${scheduledAt.toISOString()} ${hash(jobId)}`;
}

/** A lease of the whole resource excludes every other one of it. */
function excludes(held, wanted) {
  return held === wanted || held === WHOLE_RESOURCE || wanted === WHOLE_RESOURCE;
}

/** Ids may be long, and hold any character; a hash of them is short, and fit for a URL. */
function hash(id) {
  return createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('hex');
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GuardError('ERR_GUARD_CORRUPT', 'The service holds something that is no lease', { cause });
  }
}

function unavailable(cause) {
  throw new GuardError('ERR_GUARD_UNAVAILABLE', 'The service does not answer', { cause });
}
