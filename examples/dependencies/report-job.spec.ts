import assert from 'node:assert/strict';
import { test } from 'node:test';
import { every, Scheduler } from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';
import { type ReportDeps, reportJob } from './report-job.js';

const DAY_MS = 86_400_000;

/** Dependencies that remember what they were asked for. */
function fakeDeps() {
  const asked: string[] = [];
  const sent: string[] = [];
  const deps: ReportDeps = {
    orders: {
      between: async (from, to) => {
        asked.push(`${from.toISOString()} to ${to.toISOString()}`);
        return [
          { id: '1', cents: 5 },
          { id: '2', cents: 1_000 },
        ];
      },
    },
    mailer: {
      send: async (to, text) => {
        sent.push(`${to}: ${text}`);
      },
    },
    recipient: 'me@example.com',
  };
  return { deps, asked, sent };
}

void test('a report goes out every day, about the day before it', async () => {
  const { deps, asked, sent } = fakeDeps();
  const clock = new ManualClock('2026-03-01T00:00:00Z');
  const handle = new Scheduler({ clock }).start(reportJob('berlin', every(DAY_MS), deps));
  await clock.advance(2 * DAY_MS);
  await handle.shutdown();
  assert.deepEqual(asked, [
    '2026-03-01T00:00:00.000Z to 2026-03-02T00:00:00.000Z',
    '2026-03-02T00:00:00.000Z to 2026-03-03T00:00:00.000Z',
  ]);
  assert.deepEqual(sent, Array(2).fill('me@example.com: berlin sold 2 for 10.05'));
});

void test('a mail that cannot be sent makes the run fail, and the next one goes on', async () => {
  const { deps, sent } = fakeDeps();
  let attempts = 0;
  const mailer: ReportDeps['mailer'] = {
    send: async (to, text) => {
      attempts += 1;
      if (attempts === 1) throw new Error('no such mailbox');
      await deps.mailer.send(to, text);
    },
  };
  const clock = new ManualClock();
  const handle = new Scheduler({ clock }).start(reportJob('berlin', every(DAY_MS), { ...deps, mailer }));
  await clock.advance(2 * DAY_MS);
  await handle.shutdown();
  const { history } = await handle.finished;
  assert.deepEqual(
    history.map(({ status, error }) => [status, error]),
    [
      ['failed', 'no such mailbox'],
      ['success', undefined],
    ],
  );
  assert.equal(sent.length, 1);
});

void test('the task can be called by itself', async () => {
  const { deps, sent } = fakeDeps();
  const job = reportJob('lisbon', every(DAY_MS), deps);
  await job.task({
    run: {
      jobId: job.id,
      scheduledAt: new Date('2026-03-02T00:00:00Z'),
      catchUp: false,
      triggerCount: 1,
      attempt: 1,
      timezone: 'UTC',
      manual: false,
    },
    deps: job.deps,
    signal: new AbortController().signal,
    lease: undefined,
  });
  assert.deepEqual(sent, ['me@example.com: lisbon sold 2 for 10.05']);
});

void test('dependencies of other types do not compile', () => {
  const { deps } = fakeDeps();
  // @ts-expect-error the recipient has to be a text
  reportJob('berlin', every(DAY_MS), { ...deps, recipient: 42 });
  // @ts-expect-error the mailer is missing
  reportJob('berlin', every(DAY_MS), { orders: deps.orders, recipient: deps.recipient });
});
