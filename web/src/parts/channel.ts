import type { Channel } from '../api/channels.ts';
import { roughly } from '../format/duration.ts';
import type { Standing } from '../format/words.ts';

const LOOK: Record<Channel['state'], Standing> = { local: 'info', confirmed: 'ok', changed: 'warning', unconfirmed: 'warning' };

/** The shape beside a channel. */
export function channelStanding({ state }: Channel): Standing {
  return LOOK[state];
}

/** Whether it is known to reach a person. */
export function channelWord({ state, confirmed_at: at }: Channel, now: number): string {
  switch (state) {
    case 'local':
      return 'stays on this machine';
    case 'confirmed':
      return at === null ? 'confirmed' : `confirmed ${roughly(now - at)} ago`;
    case 'changed':
      return 'its settings changed since it was confirmed';
    case 'unconfirmed':
      return 'not confirmed yet';
  }
}

/** What became of its latest test; empty where there was none. */
export function testWord({ last_test: test }: Channel, now: number): string {
  if (test === null) return '';
  const when = `test ${roughly(now - test.at)} ago`;
  if (test.state === 'sent') return `${when}: sent`;
  if (test.state === 'undeliverable') return `${when} failed: ${test.detail || (test.failure ?? 'no reason given')}`;
  return test.failure === null ? `${when}: on its way` : `${when}: tried, ${test.detail || test.failure}`;
}
