/** The middle one of sorted numbers. */
export function median(sorted) {
  return percentile(sorted, 0.5);
}

/** The number below which the given share of sorted numbers lies. */
function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Half and 99 in a hundred of some latenesses, in milliseconds. */
export function lateness(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}
