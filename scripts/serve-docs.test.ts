import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const site = mkdtempSync(join(tmpdir(), 'serve-docs-'));
let server: ChildProcess;
let port: string;

beforeAll(async () => {
  mkdirSync(join(site, 'guides'));
  writeFileSync(join(site, 'guides/index.html'), 'guides');
  const program = fileURLToPath(new URL('./serve-docs.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, '0', site], { stdio: ['ignore', 'pipe', 'inherit'] });
  server = child;
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  ({ port } = new URL(line.toString().trim()));
});

afterAll(() => {
  server.kill();
  rmSync(site, { recursive: true });
});

/** Asks for a path as it is; `fetch` would tidy it up before. */
async function answerTo(path: string) {
  const [answer] = (await once(get({ host: '127.0.0.1', port, path }), 'response')) as [IncomingMessage];
  answer.resume();
  return { status: answer.statusCode, location: answer.headers.location };
}

it.each([
  ['/guides/', 200, undefined],
  ['/guides', 301, '/guides/'],
  ['//guides/..', 301, '/guides/../'],
  ['/\\guides/..', 301, '/guides/../'],
  ['/gone', 404, undefined],
  ['/../', 404, undefined],
])('%s is answered with %i', async (path, status, location) => {
  expect(await answerTo(path)).toEqual({ status, location });
});
