// An HTTP service with a job in it. The first SIGTERM lets the run finish, the second breaks it off.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Scheduler } from '@cloudiful-scheduler/core';
import { FileStateStore } from '@cloudiful-scheduler/store-file';
import { rebuildIndex } from './jobs.mjs';
import { dataDirectory, graceMs, port } from './settings.mjs';

const scheduler = new Scheduler({
  store: new FileStateStore(dataDirectory),
  observers: [
    {
      onEvent(event) {
        if (event.type === 'state_loaded')
          console.log(`state ${event.source}: ${event.triggerCount} consumed, ${event.inFlight} in flight`);
      },
    },
  ],
});
const handles = [rebuildIndex].map((job) => scheduler.start(job));

const server = createServer((request, response) => {
  if (request.method !== 'GET' || request.url !== '/health') {
    response.writeHead(404).end();
    return;
  }
  const jobs = handles.map((handle) => handle.snapshot());
  const healthy = jobs.every(({ status, degraded }) => status !== 'failed' && !degraded);
  response.writeHead(healthy ? 200 : 503, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ healthy, jobs }));
});
server.listen(port, '127.0.0.1');
await once(server, 'listening');
console.log(`health at http://127.0.0.1:${server.address().port}/health, pid ${process.pid}`);

let signals = 0;
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, stop);

function stop(signal) {
  signals += 1;
  if (signals === 1) {
    console.log(`${signal}: no new requests, no new runs; waiting for the current run`);
    void shutDown();
  } else {
    console.log(`${signal} again: the current run is broken off`);
    for (const handle of handles) void handle.cancel();
  }
}

// #region shutdown
async function shutDown() {
  server.close(); // no new requests; those under way are answered
  await scheduler.shutdown({ graceMs }); // no new runs; the current ones are waited for
  // A store or guard with a connection is closed here: await store.close()
}
// #endregion

// After the jobs and the server have come to their end, nothing keeps the process alive.
for (const { jobId, finished } of handles) {
  finished.then(
    ({ stopReason, state }) =>
      console.log(`${jobId} ended by ${stopReason}, ${state.inFlight.length} in flight`),
    (error) => console.error(`${jobId} failed: ${error.message}`), // the health check says so from now on
  );
}
