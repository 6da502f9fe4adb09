import type { Statistic } from '../api/performance.ts';

/** A part of the catalogue under one heading. */
export interface Family {
  name: string;
  statistics: Statistic[];
}

/** Statistics under the family that the desk names, in the order in which it names them. */
export function families(statistics: readonly Statistic[]): Family[] {
  const found = new Map<string, Statistic[]>();
  for (const statistic of statistics) {
    const known = found.get(statistic.family);
    if (known === undefined) found.set(statistic.family, [statistic]);
    else known.push(statistic);
  }
  return [...found].map(([name, members]) => ({ name, statistics: members }));
}
