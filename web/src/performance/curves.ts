/** What is read off an equity and its drawdown: the deepest stretch, and the row of an instant. */

export interface Stretch {
  from: number;
  to: number;
  depth: number;
  valley: number;
  /** Whether the peak was reached again inside the curve. */
  recovered: boolean;
}

/** The deepest drawdown of a curve of ratios of zero or below, from its peak to its recovery; null where there is none. */
export function deepest(times: readonly number[], values: readonly (number | null)[]): Stretch | null {
  let row = -1;
  for (let each = 0; each < times.length; each += 1) {
    if ((values[each] ?? 0) < (row < 0 ? 0 : (values[row] ?? 0))) row = each;
  }
  const depth = values[row] ?? 0;
  if (row < 0 || depth >= 0) return null;
  const whole = (each: number) => (values[each] ?? 0) >= 0;
  let first = row;
  while (first > 0 && !whole(first)) first -= 1;
  let last = row;
  while (last < times.length - 1 && !whole(last)) last += 1;
  return {
    from: times[first] ?? 0,
    to: times[last] ?? 0,
    depth,
    valley: times[row] ?? 0,
    recovered: whole(last),
  };
}

/** The row whose instant is nearest to `at`; -1 of an empty curve. */
export function nearestRow(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const [before, here] = [times[low - 1], times[low]];
  if (here === undefined) return -1;
  return before !== undefined && at - before < here - at ? low - 1 : low;
}
