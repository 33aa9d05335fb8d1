// The server of the example: the one that VALKEY_URL names, or one of its own on a free port.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { findServer, SERVER_NAMES } from '../../scripts/valkey-server.mjs';

/** Where the server is, and how to stop it if it is ours. */
export async function serverUrl(directory) {
  if (process.env.VALKEY_URL !== undefined) return { url: process.env.VALKEY_URL, stop: () => {} };
  const found = SERVER_NAMES.map(findServer).find(({ path }) => path !== undefined);
  if (found === undefined) throw new Error('No valkey-server or redis-server is to be had; set VALKEY_URL');
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  const server = spawn(found.path, args, {
    env: { ...process.env, ...found.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => server.kill('SIGKILL'));
  for await (const chunk of server.stdout) if (`${chunk}`.includes('Ready to accept connections')) break;
  return { url: `valkey://127.0.0.1:${port}`, stop: () => server.kill('SIGKILL') };
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
