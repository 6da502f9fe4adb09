import type { Month } from '../api/performance.ts';

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export interface Year {
  year: number;
  /** Twelve returns; null is a month without any, undefined one outside of the record. */
  months: (number | null | undefined)[];
  /** The months compounded; null where one of them is not known. */
  whole: number | null;
}

/** Years newest first, twelve months each. */
export function yearsOf(months: readonly Month[]): Year[] {
  const years = new Map<number, Year>();
  for (const { year, month, value } of months) {
    const row = years.get(year) ?? { year, months: new Array<number | null | undefined>(12).fill(undefined), whole: null };
    row.months[month - 1] = value;
    years.set(year, row);
  }
  for (const row of years.values()) row.whole = compounded(row.months.filter((value) => value !== undefined));
  return [...years.values()].sort((one, other) => other.year - one.year);
}

function compounded(values: readonly (number | null)[]): number | null {
  let grown = 1;
  for (const value of values) {
    if (value === null) return null;
    grown *= 1 + value;
  }
  return grown - 1;
}

/** How strongly a cell is tinted, of its strongest neighbour: `up-1` to `up-4`, `down-1` to `down-4`, or nothing. */
export function heat(value: number | null | undefined, strongest: number): string {
  if (value === null || value === undefined || value === 0 || strongest === 0) return '';
  const step = Math.min(4, Math.max(1, Math.ceil((Math.abs(value) / strongest) * 4)));
  return `${value > 0 ? 'up' : 'down'}-${step}`;
}
