import type { Grid } from '../api/ranges.ts';

export type Cell = number | null;
/** How samples that fall into one step become one point: a peak stays a peak, a mean stays a mean. */
export type Fold = 'max' | 'mean';

interface Column {
  name: string;
  fold: Fold;
  cells: Cell[];
}

/**
 * The points of one panel: rising instants and one column a line, in plain arrays that a chart draws as they are.
 *
 * History is loaded on a step grid. Live samples are folded into the running step, whose point moves on with its
 * newest sample until the step is full. A hole longer than `hole` gets a row of nulls, so that nothing joins over it.
 */
export class Track {
  times: number[] = [];
  columns: Column[] = [];
  private step = 1000;
  private hole = 3000;
  private bucket = Number.NaN;
  private folded = 0;

  /** Start over with the answers of one or more range queries over the same grid. */
  load(grids: readonly { grid: Grid; fold: Fold; name: (labels: Record<string, string>) => string }[], step: number, hole: number): void {
    this.step = step;
    this.hole = hole;
    this.bucket = Number.NaN;
    this.times = [...(grids.find(({ grid }) => grid.times.length > 0)?.grid.times ?? [])];
    this.columns = grids.flatMap(({ grid, fold, name }) =>
      grid.lines.map((line) => ({ name: name(line.labels), fold, cells: [...line.values] })),
    );
    this.dropEmptyTail();
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
    if (last !== null && at - last > Math.max(this.hole, 2 * this.step)) this.push(last + 1);
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

  /** Add the rows of later range queries, and nothing of what is there already. */
  extend(grids: readonly { grid: Grid; fold: Fold; name: (labels: Record<string, string>) => string }[]): void {
    const times = grids.find(({ grid }) => grid.times.length > 0)?.grid.times ?? [];
    for (const [row, at] of times.entries()) {
      if (this.last !== null && at <= this.last) continue;
      this.push(at);
      for (const { grid, fold, name } of grids) {
        for (const line of grid.lines) {
          this.column(name(line.labels), fold).cells[this.times.length - 1] = line.values[row] ?? null;
        }
      }
    }
    this.dropEmptyTail();
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

  private foldIn(column: Column, value: number): void {
    const row = this.times.length - 1;
    const before = column.cells[row] ?? null;
    if (before === null) column.cells[row] = value;
    else column.cells[row] = column.fold === 'max' ? Math.max(before, value) : before + (value - before) / this.folded;
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
