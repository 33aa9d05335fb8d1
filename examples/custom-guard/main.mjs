// Two processes have the same job and want to run the same six occurrences. At the end: who ran what.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startKeyValueServer } from '../custom-store/kv-server.mjs';

const server = await startKeyValueServer();
const begin = Date.now() + 2_000;
const times = Array.from({ length: 6 }, (_, index) => begin + index * 400);
const runs = new Map();

await Promise.all(['A', 'B'].map(runInstance));
server.close();

console.log('--- who ran what');
for (const [occurrence, names] of [...runs].sort(([a], [b]) => a.localeCompare(b))) {
  console.log(`${occurrence}  ${names.join(', ')}`);
}
const lost = times.length - runs.size;
const twice = [...runs.values()].filter((names) => names.length > 1).length;
console.log(`${times.length} occurrences, ${lost} lost, ${twice} run twice`);
process.exitCode = lost + twice === 0 ? 0 : 1;

async function runInstance(name) {
  const program = fileURLToPath(new URL('./instance.mjs', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, program, name, server.url, ...times], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line);
    const [, occurrence] = /^\S+ runs (\S+),/.exec(line) ?? [];
    if (occurrence !== undefined) runs.set(occurrence, [...(runs.get(occurrence) ?? []), name]);
  }
}
