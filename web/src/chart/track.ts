import type { Grid } from '../api/ranges.ts';
import type { Labels } from '../api/wire.ts';

export type Cell = number | null;
/** How samples that fall into one step become one point: a peak stays a peak, a low a low, a mean stays a mean. */
export type Fold = 'max' | 'min' | 'mean';

/** The answer of one range query, and how its lines become columns. */
export interface Answer {
  grid: Grid;
  fold: Fold;
  name: (labels: Labels) => string;
}

interface Column {
  name: string;
  fold: Fold;
  cells: Cell[];
}

/** A hole is longer than this many intervals of the desk. */
const HOLE_INTERVALS = 3;

/**
 * The points of one panel: rising instants and one column a line, in plain arrays that a chart draws as they are.
 *
 * History is loaded on a step grid. The point of the running step stands at its newest sample, and live samples are
 * folded into it until the step is full. A longer hole gets a row of nulls, so that nothing joins over it.
 */
export class Track {
  times: number[] = [];
  columns: Column[] = [];
  private step = 1000;
  private interval = 1000;
  private bucket = Number.NaN;
  private folded = 0;

  /** Start over with the answers of range queries over the same grid, as they stood at `now`. */
  load(answers: readonly Answer[], step: number, interval: number, now: number): void {
    this.step = step;
    this.interval = interval;
    this.times = [];
    this.columns = [];
    this.extend(answers, now);
  }

  /** Instant at which the newest row's step ends: from here on rows may still change. Null without rows. */
  get running(): number | null {
    return this.last === null ? null : Math.ceil(this.last / this.step) * this.step;
  }

  /** Instant after which the first row's samples lie, or null without a value: nothing is known from before it. */
  get begins(): number | null {
    const first = this.first;
    return first === null ? null : Math.ceil(first / this.step) * this.step - this.step;
  }

  /** Instant of the newest row with a value, or null. */
  get last(): number | null {
    return this.times.at(-1) ?? null;
  }

  /** Instant of the first row with a value, or null. */
  get first(): number | null {
    const index = this.times.findIndex((_, row) => !this.empty(row));
    return index < 0 ? null : (this.times[index] ?? null);
  }

  /** Add one live sample for each name. A sample that is not newer than the last row is let go. */
  append(at: number, values: ReadonlyMap<string, { value: number; fold: Fold }>): void {
    const last = this.last;
    if (last !== null && at <= last) return;
    for (const [name, { fold }] of values) this.column(name, fold);
    const bucket = Math.ceil(at / this.step);
    if (last !== null && at - last > Math.max(HOLE_INTERVALS * this.interval, 2 * this.step)) this.push(last + 1);
    if (bucket === this.bucket && this.step > 1000) {
      this.times[this.times.length - 1] = at;
      this.folded += 1;
    } else {
      this.push(at);
      this.bucket = bucket;
      this.folded = 1;
    }
    for (const column of this.columns) {
      const sample = values.get(column.name);
      if (sample !== undefined) this.foldIn(column, sample.value);
    }
  }

  /** Add the rows of later range queries as they stood at `now`; the running step's row is made anew. */
  extend(answers: readonly Answer[], now: number): void {
    const times = answers.find(({ grid }) => grid.times.length > 0)?.grid.times ?? [];
    const running = this.running;
    for (const [row, end] of times.entries()) {
      if (running !== null && end < running) continue;
      const at = Math.min(end, now);
      if (end === running) this.times[this.times.length - 1] = Math.max(at, this.last ?? at);
      else this.push(at);
      for (const answer of answers) this.fill(answer, row);
    }
    this.dropEmptyTail();
    this.bucket = (this.running ?? Number.NaN) / this.step;
    this.folded = Math.max(1, Math.round(((this.last ?? 0) - (this.bucket - 1) * this.step) / this.interval));
  }

  /** Forget rows before `from`, in large bites, so that the cost a sample stays constant. */
  trim(from: number): void {
    const keep = this.times.findIndex((at) => at >= from);
    if (keep < 64 || keep * 4 < this.times.length) return;
    this.times.splice(0, keep);
    for (const column of this.columns) column.cells.splice(0, keep);
  }

  /** Rows of one stretch without any value, as [after, before] in ms. */
  holes(): [number, number][] {
    const found: [number, number][] = [];
    let open: number | null = null;
    const start = this.times.findIndex((_, row) => !this.empty(row));
    for (let row = Math.max(0, start); row < this.times.length; row += 1) {
      const at = this.times[row] ?? 0;
      if (this.empty(row)) open ??= this.times[row - 1] ?? at;
      else if (open !== null) {
        found.push([open, at]);
        open = null;
      }
    }
    return found;
  }

  /** The row whose instant is nearest to `at`, or -1. */
  nearest(at: number): number {
    let low = 0;
    let high = this.times.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.times[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    const before = this.times[low - 1];
    const here = this.times[low];
    if (here === undefined) return -1;
    return before !== undefined && at - before < here - at ? low - 1 : low;
  }

  /** The column of that name, made when it is new. */
  column(name: string, fold: Fold): Column {
    let column = this.columns.find((candidate) => candidate.name === name);
    if (column === undefined) {
      column = { name, fold, cells: new Array<Cell>(this.times.length).fill(null) };
      this.columns.push(column);
    }
    return column;
  }

  /** Put one row of an answer into the last row. Lines of one name share a column: the worst is shown. */
  private fill({ grid, fold, name }: Answer, row: number): void {
    const filled = new Map<string, number>();
    for (const line of grid.lines) {
      const { name: column, cells } = this.column(name(line.labels), fold);
      const value = line.values[row] ?? null;
      const other = filled.get(column);
      if (value === null || (other !== undefined && (fold === 'min' ? other <= value : other >= value))) continue;
      filled.set(column, value);
      cells[this.times.length - 1] = value;
    }
  }

  private foldIn(column: Column, value: number): void {
    const row = this.times.length - 1;
    const before = column.cells[row] ?? null;
    if (before === null) column.cells[row] = value;
    else if (column.fold === 'mean') column.cells[row] = before + (value - before) / this.folded;
    else column.cells[row] = Math[column.fold](before, value);
  }

  private push(at: number): void {
    this.times.push(at);
    for (const column of this.columns) column.cells.push(null);
  }

  private empty(row: number): boolean {
    return this.columns.every((column) => column.cells[row] === null);
  }

  /** Rows at the end without a value may still be on their way; a chart ends where the values end. */
  private dropEmptyTail(): void {
    while (this.times.length > 0 && this.empty(this.times.length - 1)) {
      this.times.pop();
      for (const column of this.columns) column.cells.pop();
    }
  }
}
