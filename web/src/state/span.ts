/** The window of time that a page looks at, as it stands in the address: `?r=1h`, or `?from=..&to=..` in ms. */
export type Window = { live: true; width: number } | { live: false; from: number; to: number };

/** The ranges on the keys 1 to 6. */
export const WIDTHS = [300_000, 900_000, 3_600_000, 21_600_000, 86_400_000, 604_800_000] as const;
export const DEFAULT_WIDTH: number = WIDTHS[1];
/** What a desk that started just now is shown with, so that its first samples are not a sliver at the edge. */
export const FIRST_WIDTH: number = WIDTHS[0];
const MINIMUM = 10_000;
const MAXIMUM = 400 * 86_400_000;

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Read a window from the query part of an address; anything unreadable gives the default. */
export function parse(search: string): Window {
  const fields = new URLSearchParams(search);
  const from = Number(fields.get('from') ?? Number.NaN);
  const to = Number(fields.get('to') ?? Number.NaN);
  if (Number.isFinite(from) && Number.isFinite(to) && to > from) return { live: false, ...clamp(from, to) };
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(fields.get('r') ?? '') ?? [];
  const width = Number(number) * (UNITS[unit ?? ''] ?? Number.NaN);
  return { live: true, width: width >= MINIMUM && width <= MAXIMUM ? width : DEFAULT_WIDTH };
}

/** Whether an address names a window of its own. */
export function named(search: string): boolean {
  const fields = new URLSearchParams(search);
  return fields.has('r') || fields.has('from');
}

/** The query part for a window. */
export function print(window: Window): string {
  if (!window.live) return `?from=${Math.round(window.from)}&to=${Math.round(window.to)}`;
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = UNITS[unit] ?? 1;
    if (window.width % size === 0) return `?r=${window.width / size}${unit}`;
  }
  return `?r=${Math.round(window.width / 1000)}s`;
}

/** Keep a window between ten seconds and four hundred days wide, around its middle. */
export function clamp(from: number, to: number): { from: number; to: number } {
  const width = Math.min(MAXIMUM, Math.max(MINIMUM, to - from));
  const middle = (from + to) / 2;
  return to - from === width ? { from, to } : { from: middle - width / 2, to: middle + width / 2 };
}
