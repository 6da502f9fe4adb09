/** Range queries, laid onto their step grid: a hole in the data is `null`, never a line drawn across it. */

import { ask } from './ask.ts';
import type { Labels } from './wire.ts';

export interface Line {
  labels: Labels;
  values: (number | null)[];
}

/** One or more lines over one grid of instants (ms, rising, `step` apart). */
export interface Grid {
  times: number[];
  lines: Line[];
  /** What the desk warns of beside its answer, such as samples that are set aside as damaged. */
  warnings: string[];
}

interface Answer {
  status: string;
  error?: string;
  warnings?: string[];
  data: { result: { metric: Labels; values: [number, string][] }[] };
}

/** Steps a range is drawn with, in ms. The first that needs at most `points` of them is taken. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400].map((s) => s * 1000);

/** The step for a range: never finer than the desk collects. */
export function stepFor(width: number, points: number, interval: number): number {
  const fitting = STEPS.find((step) => step >= interval && width / step <= points);
  return fitting ?? Math.ceil(width / points / 86_400_000) * 86_400_000;
}

/** Ask for `expr` at each whole step that begins in [from, to]: the last one may end later. Throws AskError. */
export async function queryRange(
  expr: string,
  from: number,
  to: number,
  step: number,
  signal?: AbortSignal,
): Promise<Grid> {
  const start = Math.ceil(from / step) * step;
  const end = Math.ceil(to / step) * step;
  if (end < start) return { times: [], lines: [], warnings: [] };
  const times = Array.from({ length: (end - start) / step + 1 }, (_, index) => start + index * step);
  const form = new URLSearchParams({
    query: expr,
    start: String(start / 1000),
    end: String(end / 1000),
    step: String(step / 1000),
  });
  const answer = await ask<Answer>(`/api/v1/query_range?${form.toString()}`, signal);
  const lines = answer.data.result.map(({ metric, values }) => line(metric, values, start, step, times.length));
  return { times, lines, warnings: answer.warnings ?? [] };
}

function line(labels: Labels, values: [number, string][], start: number, step: number, length: number): Line {
  const cells = new Array<number | null>(length).fill(null);
  for (const [seconds, text] of values) {
    const index = Math.round((seconds * 1000 - start) / step);
    const value = Number(text);
    // NaN and infinities are values to PromQL, but have no place on an axis.
    if (index >= 0 && index < length && Number.isFinite(value)) cells[index] = value;
  }
  return { labels, values: cells };
}
