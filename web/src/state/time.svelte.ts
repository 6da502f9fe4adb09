import { desk } from './desk.svelte.ts';
import { clamp, DEFAULT_WIDTH, FIRST_WIDTH, named, parse, print, type Window } from './span.ts';

const HISTORY_DEPTH = 50;

/** The one window of time of the page. Every panel draws it; every way of changing it is here. */
class TimeState {
  window = $state.raw<Window>(parse(location.search));
  /** Where the crosshair is (ms), or null. */
  cursor = $state<number | null>(null);

  readonly live = $derived(this.window.live);
  readonly width = $derived(this.window.live ? this.window.width : this.window.to - this.window.from);
  private readonly quantum = $derived(Math.max(1000, Math.floor(this.width / 1_000_000) * 1000));
  /** A live window moves on in steps of about one pixel, ahead of the clock: what is newest is always inside it. */
  readonly to = $derived(this.window.live ? Math.ceil(desk.now / this.quantum) * this.quantum : this.window.to);
  readonly from = $derived(this.to - this.width);
  /** How much has come in since the window was paused, in ms. */
  readonly waiting = $derived(this.window.live ? 0 : Math.max(0, desk.now - this.window.to));

  private before: Window[] = [];

  /** A desk that is up for a few minutes has little to show: start narrow, unless the address says otherwise. */
  introduce(uptimeSeconds: number): void {
    if (uptimeSeconds * 1000 < 2 * FIRST_WIDTH && !named(location.search)) this.window = { live: true, width: FIRST_WIDTH };
  }

  /** Show the last `width` ms and follow the clock. */
  follow(width: number): void {
    this.change({ live: true, width });
  }

  /** Show one stretch of time and stay there. */
  show(from: number, to: number): void {
    this.change({ live: false, ...clamp(from, to) });
  }

  /** Live becomes paused where it stands; paused becomes live again with the last live width. */
  toggle(): void {
    if (this.window.live) this.show(this.from, this.to);
    else this.follow(this.before.findLast((window) => window.live)?.width ?? DEFAULT_WIDTH);
  }

  /** Move by a share of the width; to the left is negative. */
  pan(share: number): void {
    this.show(this.from + share * this.width, this.to + share * this.width);
  }

  /** Make the window `factor` times as wide. Live stays live. */
  scale(factor: number): void {
    if (this.window.live) {
      const width = Math.round((this.width * factor) / 1000) * 1000;
      this.follow(clamp(0, width).to - clamp(0, width).from);
      return;
    }
    const extra = (this.width * (factor - 1)) / 2;
    this.show(this.from - extra, this.to + extra);
  }

  /** Back to the window before. */
  undo(): void {
    if (this.before.length > 0) history.back();
  }

  /** Follow the browser's back and forward. Returns a function that ends it. */
  start(): () => void {
    const back = () => {
      const window = parse(location.search);
      // Another page of the desk was opened or left: its window of time stays.
      if (print(window) === print(this.window)) return;
      this.before.pop();
      this.window = window;
    };
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }

  private change(window: Window): void {
    const search = print(window);
    if (search === print(this.window)) return;
    this.before = [...this.before, this.window].slice(-HISTORY_DEPTH);
    this.window = window;
    history.pushState(null, '', search + location.hash);
  }
}

export const time = new TimeState();
