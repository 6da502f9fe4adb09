/** The ways out of the desk: `GET /api/desk/channels`. Instants are milliseconds since 1970 (UTC). */

import type { DeliveryState, Severity } from './wire.ts';

export interface ChannelTest {
  at: number;
  state: DeliveryState;
  /** Kind of the failure, null where there was none (yet). */
  failure: string | null;
  detail: string;
}

/** What is known of a channel: `changed` was confirmed with other settings, `local` stays on this machine. */
export type ChannelState = 'local' | 'confirmed' | 'changed' | 'unconfirmed';

export interface Channel {
  name: string;
  kind: string;
  /** Whether it reaches a person who is not at this machine. */
  off_machine: boolean;
  severities: Severity[];
  state: ChannelState;
  confirmed_at: number | null;
  last_test: ChannelTest | null;
}

export interface Channels {
  channels: Channel[];
}
