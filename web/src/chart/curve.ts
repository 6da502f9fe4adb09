import uPlot from 'uplot';
import { theme } from '../state/theme.svelte.ts';
import { dateLabels, dateTicks } from './dates.ts';
import { TICK_ROOM } from './plot.ts';

/** Both charts of a page leave as much room for their values, so that one instant stands above the other. */
const LEFT = 74;
const RIGHT = 12;
const AXIS_HEIGHT = 26;
const AXIS_GAP = 8;
const SYNC = 'nightdesk-curves';
const FONT_SIZE = 11;

export type CurveKind = 'equity' | 'drawdown';

export interface CurveWiring {
  kind: CurveKind;
  /** Whether a value holds until the next one: results that are booked when a trade closes. */
  stepped: boolean;
  axisText: (value: number) => string;
  /** Told where the crosshair is: ms, or null when it left. */
  onCursor: (at: number | null) => void;
  onZoom: (from: number, to: number) => void;
  onWhole: () => void;
  under: (u: uPlot) => void;
}

/** Options of one curve over dates: equity on its own scale, a drawdown hanging from zero. */
export function curveOptions(width: number, height: number, wiring: CurveWiring): uPlot.Options {
  const token = wiring.kind === 'equity' ? 'line-1' : 'down';
  const font = `${FONT_SIZE}px ${getComputedStyle(document.body).fontFamily}`;
  const shared = { stroke: () => theme.colour('muted'), font, ticks: { show: false } };
  const grid = { stroke: () => theme.colour('grid'), width: 1 };
  return {
    width,
    height,
    ms: 1,
    legend: { show: false },
    padding: [8, RIGHT, 2, 0],
    cursor: {
      y: false,
      sync: { key: SYNC, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      bind: { dblclick: () => () => (wiring.onWhole(), null) },
      points: { size: 6, width: 0, fill: () => theme.colour(token) },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: false, auto: false }, y: { range: wiring.kind === 'equity' ? around : below } },
    axes: [
      {
        ...shared,
        // One axis of time for both: it stands below the lower one.
        size: wiring.kind === 'equity' ? AXIS_GAP : AXIS_HEIGHT,
        splits: (u, _axis, min, max) => dateTicks(min, max, u.bbox.width / (devicePixelRatio || 1) / TICK_ROOM),
        values: (_u, splits) => (wiring.kind === 'equity' ? splits.map(() => '') : dateLabels(splits)),
        grid,
      },
      { ...shared, size: LEFT, gap: 6, space: 34, values: (_u, splits) => splits.map(wiring.axisText), grid },
    ],
    series: [
      {},
      {
        stroke: () => theme.colour(token),
        width: 1.5,
        fill: () => theme.colour(wiring.kind === 'equity' ? 'line-1-fill' : 'down-fill'),
        fillTo: wiring.kind === 'equity' ? (u) => u.scales['y']?.min ?? 0 : 0,
        points: { show: false },
        spanGaps: false,
        ...(wiring.stepped ? { paths: steps() } : {}),
      },
    ],
    hooks: {
      drawClear: [wiring.under],
      setCursor: [(u) => wiring.onCursor(u.data[0][u.cursor.idx ?? -1] ?? null)],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          const [from, to] = [u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')];
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          wiring.onZoom(from, to);
        },
      ],
    },
  };
}

function steps(): uPlot.Series.PathBuilder {
  const made = uPlot.paths.stepped?.({ align: 1 });
  if (made === undefined) throw new Error('uPlot came without stepped paths');
  return made;
}

/** From below the lowest to above the highest value, so that the line uses the height. */
function around(_u: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [0, 1];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.01 || 1;
  return [low - room, high + room];
}

/** From below the deepest value, with room for a word there, up to zero. */
function below(_u: uPlot, low: number | null): uPlot.Range.MinMax {
  return [Math.min(low ?? 0, -0.001) * 1.25, 0];
}

/** Shade one stretch of time and write a few words at its edge: the deepest drawdown. */
export function paintSpan(u: uPlot, from: number, to: number, text: string): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio || 1;
  const left = Math.max(bbox.left, u.valToPos(from, 'x', true));
  const right = Math.min(bbox.left + bbox.width, u.valToPos(to, 'x', true));
  if (right <= left) return;
  ctx.save();
  ctx.fillStyle = theme.colour('span');
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.fillStyle = theme.colour('down');
  ctx.fillRect(left, bbox.top, right - left, 2 * ratio);
  if (text !== '') {
    ctx.font = `600 ${FONT_SIZE * ratio}px ${getComputedStyle(document.body).fontFamily}`;
    ctx.textBaseline = 'bottom';
    const wide = ctx.measureText(text).width + 12 * ratio;
    const end = bbox.left + bbox.width;
    ctx.textAlign = 'left';
    ctx.fillText(text, Math.max(bbox.left, Math.min(left, end - wide)) + 6 * ratio, bbox.top + bbox.height - 4 * ratio);
  }
  ctx.restore();
}
