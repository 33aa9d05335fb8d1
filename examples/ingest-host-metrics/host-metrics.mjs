import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Measures this host over a stretch of time; aborting `signal` ends it early with an error. */
export async function measureHost(stretchMs, signal) {
  const before = { cpu: cpuTimes(), network: await networkCounters() };
  await sleep(stretchMs, undefined, { signal });
  const after = { cpu: cpuTimes(), network: await networkCounters() };
  const total = after.cpu.total - before.cpu.total;
  return {
    load1: os.loadavg()[0],
    cpuBusy: total > 0 ? 1 - (after.cpu.idle - before.cpu.idle) / total : 0,
    memoryTotal: os.totalmem(),
    memoryFree: os.freemem(),
    interfaces: Object.keys(os.networkInterfaces()).length,
    ...(before.network &&
      after.network && {
        receivedBytes: after.network.received - before.network.received,
        sentBytes: after.network.sent - before.network.sent,
      }),
  };
}

function cpuTimes() {
  let total = 0;
  let idle = 0;
  for (const { times } of os.cpus()) {
    total += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { total, idle };
}

/** Bytes through all interfaces since boot; undefined where the system has no /proc. */
async function networkCounters() {
  const text = await readFile('/proc/net/dev', 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let received = 0;
  let sent = 0;
  for (const line of text.split('\n').slice(2)) {
    const counters = line.split(':')[1]?.trim().split(/\s+/).map(Number);
    if (counters === undefined) continue;
    received += counters[0];
    sent += counters[8];
  }
  return { received, sent };
}
