import { ask, AskError } from '../api/ask.ts';
import type { Performance } from '../api/performance.ts';

/** The figures of one portfolio over one window, asked for when either is chosen. */
export class PerformanceState {
  value = $state.raw<Performance | null>(null);
  failure = $state('');
  /** True while an answer is on its way; what was there before stays, dimmed. */
  asking = $state(false);

  private abort: AbortController | null = null;

  /** Ask for what an address names. A newer question cancels an older one. */
  async load(address: string): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.asking = true;
    try {
      this.value = await ask<Performance>(address, abort.signal);
      this.failure = '';
    } catch (cause) {
      if (abort.signal.aborted) return;
      if (!(cause instanceof AskError)) throw cause;
      this.failure = cause.message;
      this.value = null;
    }
    this.asking = false;
  }

  /** Let go of a question that nobody waits for any more. */
  stop(): void {
    this.abort?.abort();
  }
}
