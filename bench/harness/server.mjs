import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { Redis } from 'iovalkey';
import { findServer } from '../../scripts/valkey-server.mjs';
import { wait } from './wait.mjs';

/** Starts a server that keeps nothing on disk; it ends with this process. */
export async function startServer() {
  const { path, env, missing } = findServer('valkey-server');
  if (path === undefined) throw new Error(`Error: ${missing}`);
  const port = await freePort();
  const args = ['--port', String(port), '--save', '', '--appendonly', 'no', '--loglevel', 'warning'];
  const server = spawn(path, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  process.once('exit', () => server.kill('SIGKILL'));
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => {});
  await client.ping();
  return { port, client };
}

/** How many scripts and blocking reads were sent to the server since it was asked before. */
export async function commandsSince(client) {
  const text = await client.info('commandstats');
  await client.config('RESETSTAT');
  let calls = 0;
  for (const [, name, count] of text.matchAll(/cmdstat_(\S+):calls=(\d+)/g)) {
    // Other commands are mostly those that scripts carry out inside the server.
    if (/^(evalsha|eval|bzpopmin)$/.test(name)) calls += Number(count);
  }
  return calls;
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    probe.once('listening', resolve);
  });
  const { port } = probe.address();
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  await wait(0);
  return port;
}
