/** Marks of a time axis that may be years long, in the reader's own time zone. */

import { label, ticks } from './ticks.ts';
import { day } from '../format/moment.ts';

const DAY = 86_400_000;
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120];
/** Beyond this many days marks stand at months and years. */
const LONG_DAYS = 75;

/** Instants of the marks in [from, to], at most `room` of them. */
export function dateTicks(from: number, to: number, room: number): number[] {
  const most = Math.max(1, room);
  if ((to - from) / DAY < LONG_DAYS) return ticks(from, to, most);
  const months = (to - from) / (30.44 * DAY);
  const step = MONTHS.find((candidate) => months / candidate <= most) ?? 240;
  const start = new Date(from);
  const first = start.getFullYear() * 12 + start.getMonth();
  const found: number[] = [];
  for (let month = Math.ceil(first / step) * step; ; month += step) {
    const at = new Date(Math.floor(month / 12), month % 12, 1).getTime();
    if (at > to) return found;
    if (at >= from) found.push(at);
  }
}

/** The texts of marks: hours, days, months or years, as far apart as the marks are. */
export function dateLabels(marks: readonly number[]): string[] {
  const step = (marks[1] ?? 0) - (marks[0] ?? 0);
  return marks.map((at) => {
    if (step < 0.9 * DAY) return label(at, step);
    if (step < 27 * DAY) return day(at).slice(5);
    return step < 360 * DAY ? day(at).slice(0, 7) : day(at).slice(0, 4);
  });
}
