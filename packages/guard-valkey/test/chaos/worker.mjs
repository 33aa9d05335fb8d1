// One process of the chaos run. Whatever it does is written to its log at once, so that a kill loses nothing.
import { writeSync, openSync } from 'node:fs';
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';

const { name, url, log, jobs, intervalMs, maxRuns, ttlMs, clockOffsetMs, blockEvery } = JSON.parse(
  process.argv[2],
);
const file = openSync(log, 'a');
const now = () => Number(process.hrtime.bigint() / 1_000n) / 1_000;
const note = (entry) => writeSync(file, `${JSON.stringify({ worker: name, t: now(), ...entry })}\n`);
const at = (date) => date.getTime();

const inner = new ValkeyExecutionGuard({ url }, { ttlMs, renewEveryMs: ttlMs / 4, commandTimeoutMs: 500 });
const leases = async (what, { jobId, scheduledAt }, token, call) => {
  const sentAt = now();
  const answer = await call();
  note({ what, jobId, occurrence: at(scheduledAt), token, sentAt, answer: answer.status ?? answer });
  return answer;
};
const guard = {
  ttlMs,
  acquire: (slot, token) => leases('acquire', slot, token, () => inner.acquire(slot, token)),
  renew: (lease) => leases('renew', lease.slot, lease.token, () => inner.renew(lease)),
  release: (lease, outcome) =>
    leases(`release_${outcome}`, lease.slot, lease.token, () => inner.release(lease, outcome)),
};

/** When the engine read the monotonic clock last; before a task starts it does so to see whether its lease holds. */
let checkedAt = 0;
const clock = {
  now: () => Date.now() + clockOffsetMs,
  monotonic: () => {
    checkedAt = now();
    return performance.now();
  },
  setTimer(delayMs, callback) {
    const timer = setTimeout(() => callback(), delayMs);
    return () => clearTimeout(timer);
  },
};

const scheduler = new Scheduler({
  store: new ValkeyStateStore({ url }, { commandTimeoutMs: 500 }),
  guard,
  clock,
  observers: [
    {
      onEvent(event) {
        if (event.type !== 'trigger_emitted' && event.type !== 'run_skipped') return;
        const { jobId, scheduledAt, reason, count, coalesced } = event;
        note({ what: event.type, jobId, occurrence: at(scheduledAt), reason, count: count ?? coalesced + 1 });
      },
    },
  ],
});

let runs = 0;
for (const { id, missedRunPolicy, overlapPolicy } of jobs) {
  const task = ({ run, lease, signal }) => {
    const { jobId, attempt } = run;
    const occurrence = at(run.scheduledAt);
    const fields = { jobId, occurrence, attempt, token: lease.token };
    const early = occurrence - clock.now();
    note({ what: 'start', ...fields, fence: lease.fencingToken, early, checkedAt });
    signal.addEventListener('abort', () => note({ what: 'abort', ...fields }));
    runs += 1;
    if (runs % blockEvery === 0) block(fields);
    // A long one now and then, to be met by the server's troubles.
    const takesMs = runs % 97 === 0 ? 1.5 * ttlMs : 1 + (runs % 10);
    return new Promise((resolve) => {
      const finish = () => {
        note({ what: 'finish', ...fields });
        resolve();
      };
      setTimeout(finish, takesMs);
    });
  };
  const schedule = every(intervalMs, { anchor: new Date(0) });
  const job = defineJob({
    id,
    schedule,
    maxRuns,
    missedRunPolicy,
    overlapPolicy,
    maxInterruptedReruns: 1_000,
    task,
  });
  scheduler.start(job).finished.then(
    ({ stopReason }) => note({ what: 'ended', jobId: id, reason: stopReason }),
    (error) => note({ what: 'failed', jobId: id, reason: String(error) }),
  );
}

/** Blocks the event loop for longer than a lease lasts. */
function block(fields) {
  note({ what: 'block', ...fields });
  const until = now() + ttlMs * 1.5;
  while (now() < until);
  note({ what: 'unblock', ...fields });
}
