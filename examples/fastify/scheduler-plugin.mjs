import { Scheduler } from '@cloudiful-scheduler/core';
import { pinoObserver } from '@cloudiful-scheduler/observer-pino';
import fastifyPlugin from 'fastify-plugin';
import { RecentRuns } from './recent-runs.mjs';

/**
 * Runs jobs as long as the server runs: they start when it is ready and are shut down when it closes. Their events
 * go to the server's log, if it has one.
 *
 * Options: `jobs`; `graceMs`, how long runs may still take when the server closes; anything else is an option of the
 * `Scheduler`, such as `store` and `guard`.
 */
export const schedulerPlugin = fastifyPlugin(
  async (app, { jobs, graceMs = 10_000, observers = [], ...options }) => {
    const recentRuns = new RecentRuns(10);
    // The log of a server without a logger writes nothing and is not pino's.
    const hasLogger = 'levels' in app.log;
    const log = hasLogger ? [pinoObserver(app.log.child({ component: 'jobs' }))] : [];
    const scheduler = new Scheduler({ ...options, observers: [...log, recentRuns, ...observers] });
    const handles = new Map();

    app.addHook('onReady', async () => {
      for (const job of jobs) handles.set(job.id, scheduler.start(job));
    });
    app.addHook('onClose', () => scheduler.shutdown({ graceMs }));

    app.get('/jobs/:id', async (request, reply) => {
      const handle = handles.get(request.params.id);
      if (handle === undefined) return reply.callNotFound();
      return { ...handle.snapshot(), recentRuns: recentRuns.of(handle.jobId) };
    });
    app.post('/jobs/:id/trigger', async (request, reply) => {
      const handle = handles.get(request.params.id);
      if (handle === undefined) return reply.callNotFound();
      const result = await handle.trigger(); // says when the run was claimed, and does not wait for its end
      return reply.code(result.status === 'triggered' ? 202 : 409).send(result);
    });
  },
  { name: 'scheduler' },
);
