/** Counts primes by brute force: more than a second of pure CPU, in which this thread does nothing else. */
export function countPrimes({ run, deps, signal }) {
  let count = 0;
  for (let candidate = 2; candidate < deps.below; candidate += 1) {
    if (candidate % 1_000 === 0) signal.throwIfAborted(); // works even though the thread never waits
    if (isPrime(candidate)) count += 1;
  }
  return { below: deps.below, count, attempt: run.attempt };
}

function isPrime(candidate) {
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) {
    if (candidate % divisor === 0) return false;
  }
  return true;
}
