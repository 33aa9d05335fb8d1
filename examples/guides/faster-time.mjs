// Loaded before a sample that waits for minutes: in its process time passes TIMES_FASTER times faster.
import { isMainThread } from 'node:worker_threads';

const factor = Number(process.env.TIMES_FASTER);
const { setTimeout: realTimeout } = globalThis;
const wallNow = Date.now.bind(Date);
const monotonicNow = performance.now.bind(performance);
const wallStart = wallNow();
const monotonicStart = monotonicNow();

if (isMainThread) {
  Date.now = () =>
    Math.floor(wallStart + (monotonicNow() - monotonicStart) * factor);
  performance.now = () =>
    monotonicStart + (monotonicNow() - monotonicStart) * factor;
  globalThis.setTimeout = (callback, delayMs = 0, ...rest) =>
    realTimeout(callback, delayMs / factor, ...rest);
} else console.log('a worker thread has begun');
