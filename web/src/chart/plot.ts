import uPlot from 'uplot';
import { theme } from '../state/theme.svelte.ts';
import { ticks, valueTicks } from './ticks.ts';

/** The plot area's distance from the left and right edge, the same in every panel so that time lines up. */
export const GUTTER = { left: 52, right: 10 } as const;
/** Pixels a time mark needs. */
export const TICK_ROOM = 88;

/** Colours of lines in order. None is red or green: those are words about state. */
export const LINE_TOKENS = ['line-1', 'line-2', 'line-3', 'line-4'] as const;

export interface PlotWiring {
  percent: boolean;
  /** What round means on the value axis: powers of ten, or of two for bytes. */
  base: 10 | 2;
  axisText: (value: number) => string;
  /** Told where the crosshair is: ms and row, or null when it left. */
  onCursor: (at: number | null) => void;
  onZoom: (from: number, to: number) => void;
  onUndo: () => void;
  /** Paints below and above the lines. */
  under: (u: uPlot) => void;
  over: (u: uPlot) => void;
}

/** Room above the highest mark, so that its text and a line on it are not cut. */
const HEADROOM = 1.001;
const SYNC = 'nightdesk';
const ratio = () => devicePixelRatio || 1;

/** Options for one panel. Width and height are set by whoever holds the element. */
export function plotOptions(width: number, height: number, lines: number, wiring: PlotWiring): uPlot.Options {
  return {
    width,
    height,
    ms: 1,
    legend: { show: false },
    padding: [9, GUTTER.right, 9, 0],
    cursor: {
      y: false,
      sync: { key: SYNC, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      bind: { dblclick: () => () => (wiring.onUndo(), null) },
      points: { size: 6, width: 0, fill: (u, index) => stroke(u, index) },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, auto: false },
      y: { range: wiring.percent ? [0, 100] : steadyRange(wiring.base) },
    },
    axes: [
      {
        show: true,
        size: 0,
        splits: (u, _axis, min, max) => ticks(min, max, u.bbox.width / ratio() / TICK_ROOM),
        values: (_u, splits) => splits.map(() => null),
        grid: { stroke: () => theme.colour('grid'), width: 1 },
        ticks: { show: false },
      },
      {
        size: GUTTER.left,
        gap: 6,
        font: `11px ${getComputedStyle(document.body).fontFamily}`,
        stroke: () => theme.colour('muted'),
        splits: (u) => (wiring.percent ? [0, 50, 100] : valueTicks((u.scales['y']?.max ?? 1) / HEADROOM, wiring.base)),
        values: (_u, splits) => splits.map(wiring.axisText),
        grid: { stroke: () => theme.colour('grid'), width: 1 },
        ticks: { show: false },
      },
    ],
    series: [{}, ...Array.from({ length: lines }, (_, index) => line(index))],
    hooks: {
      drawClear: [wiring.under],
      draw: [wiring.over],
      setCursor: [(u) => wiring.onCursor(cursorTime(u))],
      setSelect: [(u) => zoomed(u, wiring)],
    },
  };
}

function line(index: number): uPlot.Series {
  return {
    stroke: () => theme.colour(LINE_TOKENS[index % LINE_TOKENS.length] ?? 'line-1'),
    width: index === 0 ? 1.5 : 1,
    ...(index === 0 ? { fill: () => theme.colour('line-1-fill') } : {}),
    points: { show: false, filter: lone, size: 3 },
    spanGaps: false,
  };
}

/** Rows whose neighbours have no value: no line reaches them, so they are drawn as dots. */
function lone(u: uPlot, series: number): number[] | null {
  const cells = u.data[series] ?? [];
  const found: number[] = [];
  for (let row = 0; row < cells.length; row += 1) {
    if (cells[row] != null && cells[row - 1] == null && cells[row + 1] == null) found.push(row);
  }
  return found.length > 0 ? found : null;
}

function stroke(u: uPlot, index: number): CanvasRenderingContext2D['strokeStyle'] {
  const made = u.series[index]?.stroke;
  return typeof made === 'function' ? made(u, index) : (made ?? '');
}

function cursorTime(u: uPlot): number | null {
  const left = u.cursor.left ?? -1;
  return left < 0 ? null : u.posToVal(left, 'x');
}

function zoomed(u: uPlot, wiring: PlotWiring): void {
  if (u.select.width < 4) return;
  const [from, to] = [u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')];
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  wiring.onZoom(from, to);
}

/** From zero to a round top. It grows at once and shrinks only below half, so that the picture does not breathe. */
function steadyRange(base: 10 | 2): uPlot.Range.Function {
  let top = 0;
  return (_u, _min, max) => {
    const wanted = Number.isFinite(max) && max > 0 ? max : 1;
    if (wanted > top || wanted < top / 2.5) top = valueTicks(wanted, base).at(-1) ?? 1;
    return [0, Math.max(top, wanted) * HEADROOM];
  };
}
