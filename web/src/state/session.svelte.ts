import { ask, AskError, tell } from '../api/ask.ts';
import type { Session } from '../api/wire.ts';
import { codeIn } from './address.ts';

const USED = 'That login address was used or is too old; `nightdesk login` prints another.';

/** Whether this browser is logged in, and what went wrong with a login address. */
class SessionState {
  known = $state(false);
  /** Empty, or a sentence. */
  failure = $state('');

  /**
   * Log in with the one-time code of an address `#login=CODE`, if there is one; it leaves the address at once.
   *
   * Returns whether there was one that did.
   */
  async enter(): Promise<boolean> {
    const code = codeIn(location.hash, 'login');
    if (code === null) return false;
    history.replaceState(history.state, '', location.pathname + location.search);
    try {
      this.known = (await tell<Session>('/api/desk/session', { code })).authenticated;
      this.failure = '';
      return this.known;
    } catch (cause) {
      if (!(cause instanceof AskError)) throw cause;
      const refused = cause.status >= 400 && cause.status < 500 && cause.status !== 429;
      this.failure = refused ? USED : `The login address could not be tried: ${cause.message}.`;
      return false;
    }
  }

  /** Ask the desk whether an earlier login still holds. */
  async recall(): Promise<void> {
    try {
      this.known = (await ask<Session>('/api/desk/session')).authenticated;
    } catch (cause) {
      // Not known is shown as not logged in: nothing on the page depends on it.
      if (!(cause instanceof AskError)) throw cause;
    }
  }
}

export const session = new SessionState();
