import type { Statistic } from '../api/performance.ts';

/** A part of the catalogue under one heading. */
export interface Family {
  name: string;
  statistics: Statistic[];
}

const REST = 'Figures';

/** Statistics under the group that the desk names, in the order in which it names them. */
export function families(statistics: readonly Statistic[]): Family[] {
  const found = new Map<string, Statistic[]>();
  for (const statistic of statistics) {
    const name = statistic.group ?? REST;
    const known = found.get(name);
    if (known === undefined) found.set(name, [statistic]);
    else known.push(statistic);
  }
  return [...found].map(([name, members]) => ({ name: capital(name), statistics: members }));
}

function capital(text: string): string {
  return (text.charAt(0).toUpperCase() + text.slice(1)).replaceAll('_', ' ');
}
