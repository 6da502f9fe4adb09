import { ask, AskError } from '../api/ask.ts';
import { desk } from './desk.svelte.ts';

/** Answers that were missed before what is shown counts as old. */
const MISSED = 3;

/**
 * One question asked again and again at a calm pace while somebody looks.
 *
 * A hidden page asks nothing and asks at once when it is seen again; no question starts before the last was answered.
 */
export class Poll<T> {
  value = $state.raw<T | null>(null);
  /** Why the last question failed, or null. What was answered before it stays. */
  failure = $state.raw<AskError | null>(null);
  /** The desk's clock (ms) at the last answer. */
  answeredAt = $state.raw<number | null>(null);

  /** Whether there was an answer of either kind. */
  readonly settled = $derived(this.value !== null || this.failure !== null);
  readonly age = $derived(this.answeredAt === null ? null : Math.max(0, desk.now - this.answeredAt));
  private asking = false;

  constructor(
    private readonly path: string,
    private readonly every: number,
  ) {}

  /** Old values are shown grey, with their age. */
  get old(): boolean {
    return this.age !== null && this.age > MISSED * this.every + 1000;
  }

  /** Ask until told to stop. Returns a function that ends it. */
  start(): () => void {
    const turn = () => {
      if (!document.hidden) void this.refresh();
    };
    const timer = setInterval(turn, this.every);
    document.addEventListener('visibilitychange', turn);
    if (this.answeredAt === null || desk.clock() - this.answeredAt >= this.every) turn();
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', turn);
    };
  }

  /** Ask once, unless a question is under way. */
  async refresh(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      this.value = await ask<T>(this.path);
      this.answeredAt = desk.clock();
      this.failure = null;
    } catch (cause) {
      if (!(cause instanceof AskError)) throw cause;
      this.failure = cause;
    } finally {
      this.asking = false;
    }
  }
}
