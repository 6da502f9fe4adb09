import type uPlot from 'uplot';
import { theme } from '../state/theme.svelte.ts';

/** A thin line across time in a panel: an alert that belongs to it changed its state. */
export interface Mark {
  at: number;
  token: string;
}

/** A level that is judged: drawn dashed where it lies on the axis. */
export interface Limit {
  value: number;
  token: string;
}

/** Hatch stretches without samples: [from, to] in ms. */
export function paintHoles(u: uPlot, holes: readonly (readonly [number, number])[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [from, to] of holes) {
    const left = Math.max(bbox.left, u.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(to, 'x', true));
    if (right - left < 1) continue;
    hatch(ctx, left, right, bbox.top, bbox.height);
  }
  ctx.restore();
}

function hatch(ctx: CanvasRenderingContext2D, left: number, right: number, top: number, height: number): void {
  const gap = 7 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, height);
  ctx.clip();
  ctx.fillStyle = theme.colour('hole');
  ctx.fillRect(left, top, right - left, height);
  ctx.strokeStyle = theme.colour('hatch');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  // Counted from the plot's edge, not the hole's, so that the lines stand still while a hole grows.
  for (let x = Math.floor((left - height) / gap) * gap; x < right; x += gap) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Say where the samples begin, in the empty stretch before them, where there is room for the words. */
export function paintBefore(u: uPlot, first: number, text: string): void {
  const { ctx, bbox } = u;
  const edge = Math.min(u.valToPos(first, 'x', true), bbox.left + bbox.width);
  if (edge - bbox.left < 2) return;
  ctx.save();
  ctx.fillStyle = theme.colour('hole');
  ctx.fillRect(bbox.left, bbox.top, edge - bbox.left, bbox.height);
  ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.fillStyle = theme.colour('muted');
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  if (ctx.measureText(text).width + 16 * devicePixelRatio < edge - bbox.left) {
    ctx.fillText(text, bbox.left + 8 * devicePixelRatio, bbox.top + bbox.height * 0.75);
  }
  ctx.restore();
}

/** Draw judged levels, dashed. */
export function paintLimits(u: uPlot, limits: readonly Limit[]): void {
  const { ctx, bbox } = u;
  const max = u.scales['y']?.max ?? 0;
  ctx.save();
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  for (const { value, token } of limits) {
    if (value > max) continue;
    const y = Math.round(u.valToPos(value, 'y', true)) + 0.5;
    ctx.strokeStyle = theme.colour(token);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** Draw the instants at which this panel's alerts changed. */
export function paintMarks(u: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const { at, token } of marks) {
    const x = Math.round(u.valToPos(at, 'x', true)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = theme.colour(token);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
