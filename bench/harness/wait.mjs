/** Resolves after `ms` milliseconds. */
export function wait(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Resolves when `isDone` says so, or after `limitMs`. */
export async function until(isDone, limitMs) {
  for (const end = performance.now() + limitMs; !isDone() && performance.now() < end; ) await wait(20);
}
