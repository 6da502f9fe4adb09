import type { Alerts, Status, Vitals } from '../api/wire.ts';

/** What reaches a page from the one live connection. */
export type Message =
  | { kind: 'vitals'; data: Vitals }
  | { kind: 'alerts'; data: Alerts }
  | { kind: 'status'; data: Status }
  | { kind: 'link'; data: Link };

/** How the live connection stands. `retryAt` is browser time (ms) and only set while it is down. */
export interface Link {
  up: boolean;
  retryAt: number | null;
}

export const STREAM = '/api/desk/stream';
export const EVENTS = ['vitals', 'alerts', 'status'] as const;
