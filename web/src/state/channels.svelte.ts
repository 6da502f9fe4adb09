import { ask, AskError, tell } from '../api/ask.ts';
import type { Channels } from '../api/channels.ts';
import { codeIn } from './address.ts';

/** What is told to a person about an attempt; `good` says whether it went well. */
export interface Outcome {
  good: boolean;
  text: string;
}

/** The channels of the desk, asked for when somebody looks at them, and what became of tests and codes. */
class ChannelState {
  value = $state.raw<Channels | null>(null);
  failure = $state('');
  outcome = $state.raw<Outcome | null>(null);
  busy = $state(false);
  /** Whether the list of channels is open, and the code that stands in its field. */
  open = $state(false);
  code = $state('');

  /** Take the code of an address `#confirm=CODE`, as a test message brings it; it leaves the address at once. */
  enter(): void {
    const code = codeIn(location.hash, 'confirm');
    if (code === null) return;
    history.replaceState(history.state, '', location.pathname + location.search);
    this.code = code;
    this.open = true;
  }

  async refresh(): Promise<void> {
    try {
      this.value = await ask<Channels>('/api/desk/channels');
      this.failure = '';
    } catch (cause) {
      this.failure = sentence(cause);
    }
  }

  /** Send a test message through one channel; the message carries the code to confirm it with. */
  async test(channel: string): Promise<void> {
    await this.attempt(async () => {
      await tell('/api/desk/channels/test', { channel });
      return `A test is on its way through ${channel}. When it arrives, type its code here.`;
    });
  }

  /** Say that a test arrived. Returns whether the desk took the code. */
  async confirm(code: string): Promise<boolean> {
    return this.attempt(async () => {
      await tell('/api/desk/channels/confirm', { code });
      return 'Confirmed: this channel reaches you.';
    });
  }

  private async attempt(action: () => Promise<string>): Promise<boolean> {
    this.busy = true;
    try {
      this.outcome = { good: true, text: await action() };
    } catch (cause) {
      this.outcome = { good: false, text: sentence(cause) };
    }
    this.busy = false;
    await this.refresh();
    return this.outcome.good;
  }
}

function sentence(cause: unknown): string {
  if (!(cause instanceof AskError)) throw cause;
  return cause.status === 401
    ? 'This browser is not logged in. Open the address that `nightdesk login` prints, then try again.'
    : `${cause.message.charAt(0).toUpperCase()}${cause.message.slice(1)}.`.replace(/\.\.$/, '.');
}

export const channels = new ChannelState();
