/** The ways out of the desk: `GET /api/desk/channels`. */

export interface ChannelTest {
  at: number;
  state: string;
  detail?: string;
}

export interface Channel {
  name: string;
  kind: string;
  /** Whether it reaches a person who is not at this machine. */
  off_machine: boolean;
  /** When a person said that its test arrived, or null. */
  confirmed_at: number | null;
  last_test: ChannelTest | number | null;
  state: string;
}

export interface Channels {
  channels: Channel[];
}
