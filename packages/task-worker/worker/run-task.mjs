// What a worker thread of the pool runs. Plain JavaScript, as Node loads it by its path.
import { receiveMessageOnPort } from 'node:worker_threads';
import { decodeThrown, encodeThrown, findNotCloneable } from './cloning.mjs';

/** States of a run, in shared memory: whoever changes the first of them decides whether the task is called. */
const WAITING = 0;
const STARTED = 1;

/**
 * Calls the task of one run. Its context waits in `port`, which later brings the abort; the answer goes there as
 * well, so that what cannot be cloned is an error here and not the end of the thread.
 */
export async function runTask({ url, exportName, port, state }) {
  const { context } = receiveMessageOnPort(port).message;
  try {
    const module = await import(url);
    const task = findTask(module, exportName);
    if (task === undefined) {
      const functions = Object.keys(module).filter((name) => typeof module[name] === 'function');
      port.postMessage({ status: 'no_function', functions });
      return;
    }
    if (Atomics.compareExchange(state, 0, WAITING, STARTED) !== WAITING) return;
    await callTask(task, context, port);
  } catch (error) {
    port.postMessage({ status: 'failed', thrown: encodeThrown(error) });
  }
}

async function callTask(task, context, port) {
  const { signal, abort } = polledSignal(port);
  port.on('message', abort);
  let result;
  try {
    result = await task({ ...context, signal });
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    port.postMessage({ status: 'aborted' });
    return;
  } finally {
    port.off('message', abort);
  }
  try {
    port.postMessage({ status: 'completed', result });
  } catch (error) {
    port.postMessage({
      status: 'not_cloneable',
      ...(findNotCloneable(result, 'result') ?? { path: 'result', what: 'an object' }),
      thrown: encodeThrown(error),
    });
  }
}

/**
 * A signal that looks for the abort when it is read, so that a loop which never gives the thread's event loop a
 * turn can still see it.
 */
function polledSignal(port) {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = ({ reason }) => controller.abort(decodeThrown(reason));
  const read = (name) => {
    const received = receiveMessageOnPort(port);
    if (received !== undefined) abort(received.message);
    return Reflect.get(AbortSignal.prototype, name, signal);
  };
  Object.defineProperties(signal, {
    aborted: { get: () => read('aborted') },
    reason: { get: () => read('reason') },
    throwIfAborted: { value: () => read('throwIfAborted').call(signal) },
  });
  return { signal, abort };
}

/** The exported function with this name, if there is one. */
function findTask(module, exportName) {
  // A CommonJS file does not name all that it exports.
  return [module, module.default ?? {}]
    .filter((exports) => Object.hasOwn(exports, exportName))
    .map((exports) => exports[exportName])
    .find((one) => typeof one === 'function');
}
