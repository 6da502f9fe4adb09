import type { Labels, Part, Vital } from '../api/wire.ts';
import { partName } from '../chart/panels.ts';
import { percent, written } from '../format/number.ts';

/** The vitals that every machine has. */
export const OF_HOST = ['cpu_usage', 'memory_usage', 'disk_usage'];

/** What explains a vital's value, in a few words: its worst part, and how many there are on the machine that is told. */
export function explanation(vital: Vital): string {
  const parts = vital.parts.filter((part) => part.value !== null && isOf(part.labels, vital.labels ?? {}));
  const worst = worstOf(parts, vital.thresholds?.direction === 'below');
  if (worst === undefined) return '';
  const value = worst.value ?? 0;
  switch (vital.name) {
    case 'cpu_usage':
      return `${parts.length} cores, busiest ${percent(value)} %`;
    case 'active_connections':
      return parts.length > 1 ? `${parts.length} watched, most ${partName(worst.labels)}` : partName(worst.labels);
    default:
      return parts.length > 1
        ? `${partName(worst.labels)} ${written(value, vital.unit)}, worst of ${parts.length}`
        : partName(worst.labels);
  }
}

/** The top of a small picture's scale: of shares the whole, of anything else its own highest. */
export function topOf(unit: string, cells: readonly (number | null)[]): number {
  if (unit === 'percent') return 100;
  const highest = cells.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  return highest > 0 ? highest : 1;
}

/** Whether a part belongs to the series of a vital: it has all of its labels. */
function isOf(part: Labels, whole: Labels): boolean {
  return Object.entries(whole).every(([name, value]) => part[name] === value);
}

function worstOf(parts: readonly Part[], low: boolean): Part | undefined {
  return parts.toSorted((one, other) => (low ? -1 : 1) * ((other.value ?? 0) - (one.value ?? 0)))[0];
}
