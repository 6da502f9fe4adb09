import type { CalendarReturn } from '../api/performance.ts';

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export interface Year {
  year: number;
  /** Twelve returns; null is a month that the record does not reach. */
  months: (number | null)[];
  /** The whole year compounded, as the desk counts it; null where it does not say. */
  whole: number | null;
}

/** Years newest first, twelve months each. */
export function yearsOf(months: readonly CalendarReturn[], years: readonly CalendarReturn[]): Year[] {
  const rows = new Map<number, Year>();
  for (const { year, month, value } of months) {
    if (month === null) continue;
    const row = rows.get(year) ?? { year, months: new Array<number | null>(12).fill(null), whole: null };
    row.months[month - 1] = value;
    rows.set(year, row);
  }
  for (const { year, value } of years) {
    const row = rows.get(year);
    if (row !== undefined) row.whole = value;
  }
  return [...rows.values()].sort((one, other) => other.year - one.year);
}

/** How strongly a cell is tinted, of its strongest neighbour: `up-1` to `up-4`, `down-1` to `down-4`, or nothing. */
export function heat(value: number | null, strongest: number): string {
  if (value === null || value === 0 || strongest === 0) return '';
  const step = Math.min(4, Math.max(1, Math.ceil((Math.abs(value) / strongest) * 4)));
  return `${value > 0 ? 'up' : 'down'}-${step}`;
}
