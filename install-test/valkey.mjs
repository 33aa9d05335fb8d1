import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { findServer, SERVER_NAMES } from '../scripts/valkey-server.mjs';

const DATABASES = 1_000;

/** Starts a Valkey server that keeps nothing on a free port. Each URL that it gives is of an empty database. */
export async function startValkey() {
  const found = SERVER_NAMES.map(findServer).find(({ path }) => path !== undefined);
  if (found === undefined) throw new Error(SERVER_NAMES.map((name) => findServer(name).missing).join('\n'));
  const port = await freePort();
  const args = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--databases',
    `${DATABASES}`,
  ];
  const child = spawn(found.path, args, { env: { ...process.env, ...found.env } });
  await new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('Ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`The server ended:\n${output}`)));
  });
  let database = 0;
  const freshUrl = () => `valkey://127.0.0.1:${port}/${database++}`;
  return { freshUrl, stop: () => child.kill('SIGKILL') };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
