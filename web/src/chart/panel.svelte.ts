import { AskError } from '../api/ask.ts';
import { queryRange, stepFor } from '../api/ranges.ts';
import type { Vitals } from '../api/wire.ts';
import type { PanelSpec } from './panels.ts';
import { Track } from './track.ts';

/** Points a panel draws at most; finer than this no screen shows. */
const POINTS = 600;
const TAIL_MS = 5_000;

/** `fresh` is what is on screen; `loading` keeps the old picture, dimmed; `failed` says why. */
export type Loading = 'first' | 'again' | 'done' | 'failed';

/** The data of one panel: history once, then live samples or tails. `version` counts its changes. */
export class PanelData {
  version = $state(0);
  loading = $state<Loading>('first');
  failure = $state('');
  /** What the desk warned of when it told the history: a gap that it knows of must not look like a quiet hour. */
  warnings = $state<string[]>([]);
  step = 1000;
  readonly track = new Track();

  private abort: AbortController | null = null;
  private asked = 0;

  constructor(readonly spec: PanelSpec) {}

  /** Load [from, to] as it stands at `now`, replacing what there is. A newer call cancels an older one. */
  async load(from: number, to: number, now: number, interval: number): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    if (this.loading !== 'first') this.loading = 'again';
    const step = stepFor(to - from, POINTS, interval);
    try {
      const answers = await this.ask(from, Math.min(to, now), step, interval, abort.signal);
      this.step = step;
      this.track.load(answers, step, interval, now);
      this.warnings = [...new Set(answers.flatMap(({ grid }) => grid.warnings))];
      this.asked = now;
      this.loading = 'done';
    } catch (cause) {
      if (abort.signal.aborted) return;
      if (!(cause instanceof AskError)) throw cause;
      this.loading = 'failed';
      this.failure = cause.message;
    }
    this.version += 1;
  }

  /** Take the live samples of one collection. */
  take(vitals: Vitals): void {
    if (this.spec.live === null || this.loading !== 'done') return;
    this.track.append(vitals.at, this.spec.live(vitals));
    this.version += 1;
  }

  /** Ask for what came since the running step began, for a panel that the stream does not carry. */
  async catchUp(now: number, interval: number): Promise<void> {
    if (this.spec.live !== null || this.loading !== 'done') return;
    if (now - this.asked < Math.max(TAIL_MS, this.step)) return;
    this.asked = now;
    const from = this.track.running ?? now - TAIL_MS;
    try {
      this.track.extend(await this.ask(Math.max(from, now - POINTS * this.step), now, this.step, interval), now);
      this.version += 1;
    } catch (cause) {
      // A tail that fails leaves a chart that visibly ends; the next one fills it.
      if (!(cause instanceof AskError)) throw cause;
    }
  }

  private async ask(from: number, to: number, step: number, interval: number, signal?: AbortSignal) {
    const window = `${Math.max(step, 2 * interval)}ms`;
    const rateWindow = `${Math.max(step, 5 * interval)}ms`;
    return Promise.all(
      this.spec.sources.map(async ({ expr, fold, name }) => ({
        grid: await queryRange(expr(window, rateWindow), from, to, step, signal),
        fold,
        name,
      })),
    );
  }
}
