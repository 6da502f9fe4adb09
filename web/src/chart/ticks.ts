/** Where the shared time axis has its marks, in the reader's own time zone. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((n) => n * DAY),
];

/** Instants of the marks in [from, to]: at most `room` of them, at whole local seconds, minutes, hours or days. */
export function ticks(from: number, to: number, room: number): number[] {
  const step = STEPS.find((candidate) => (to - from) / candidate <= Math.max(1, room)) ?? 364 * DAY;
  const found: number[] = [];
  for (let at = firstTick(from, step); at <= to; at = advance(at, step)) if (at >= from) found.push(at);
  return found;
}

/** The text of a mark: the date where a day begins, seconds only where marks are less than a minute apart. */
export function label(at: number, step: number): string {
  const date = new Date(at);
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const two = (value: number) => String(value).padStart(2, '0');
  if (hours + minutes + seconds === 0) return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return step < MINUTE ? `${two(hours)}:${two(minutes)}:${two(seconds)}` : `${two(hours)}:${two(minutes)}`;
}

/** The last whole local step at or before `from`. */
function firstTick(from: number, step: number): number {
  const offset = -new Date(from).getTimezoneOffset() * MINUTE;
  return Math.floor((from + offset) / step) * step - offset;
}

/** The next mark; a day is a day of the calendar, which is 23 or 25 hours long twice a year. */
function advance(at: number, step: number): number {
  if (step < DAY) return at + step;
  const date = new Date(at);
  date.setDate(date.getDate() + step / DAY);
  return date.getTime();
}

/** Round marks for a value axis from 0 to at least `top`: three of them. Bytes are round in powers of two. */
export function valueTicks(top: number, base: 10 | 2 = 10): number[] {
  if (!(top > 0)) return [0];
  const rough = top / 2;
  const power = base === 2 ? 2 ** Math.floor(Math.log2(rough)) : 10 ** Math.floor(Math.log10(rough));
  const factors = base === 2 ? [1, 1.5, 2] : [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
  const step = factors.map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return [0, step, 2 * step];
}
