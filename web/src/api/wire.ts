/** What the desk says under /api/desk. Instants are milliseconds since 1970 (UTC). */

export type Level = 'ok' | 'warning' | 'critical' | 'unknown' | 'none';
export type Severity = 'info' | 'warning' | 'critical';
export type AlertState = 'pending' | 'firing' | 'resolved' | 'dropped';
export type Labels = Record<string, string>;

export interface Status {
  version: string;
  state: 'ok' | 'warning' | 'critical' | 'unknown';
  started_at: number;
  now: number;
  data: string;
  interval_ms: number;
  uptime_seconds: number;
  lag: { loop_p99_ms: number; rules_p99_ms: number; ingest_ms: number };
  series: number;
  samples_total: number;
  firing: Record<Severity, number>;
  pending: number;
  warnings: { code: string; text: string }[];
  build: string;
}

export interface Thresholds {
  warning: number | null;
  critical: number | null;
  direction: 'above' | 'below';
}

export interface Part {
  labels: Labels;
  value: number | null;
}

export interface Vital {
  name: string;
  unit: string;
  value: number | null;
  reason: string | null;
  /** What the value does not tell, targets without one for example; missing from an older desk. */
  note?: string | null;
  at: number;
  level: Level;
  thresholds: Thresholds | null;
  parts: Part[];
  /** Of the series whose value it is; missing from an older desk. */
  labels?: Labels;
  /** The machine whose value it is, where somebody may take it for another's. */
  instance?: string | null;
}

export interface Vitals {
  at: number;
  interval_ms: number;
  vitals: Vital[];
}

/** A gate or the routing kept a message back: the kind of reason, and who or what did it, in words. */
export interface Held {
  reason: string;
  by: string;
}

/** What the last judgement of an alert rested on. */
export type Evidence = 'true' | 'false' | 'absent' | 'error' | 'rule_gone' | 'released' | 'expired';

export interface Alert {
  fingerprint: string;
  name: string;
  severity: Severity;
  state: AlertState;
  value: number | null;
  labels: Labels;
  annotations: Record<string, string>;
  active_at: number;
  fired_at: number | null;
  ended_at: number | null;
  evidence: Evidence;
  rule: string;
  /** Why nobody was told of it while it fires; null, or missing from an older desk, where somebody was. */
  held?: Held | null;
  /** Channels that would have been told of it, were it not load of this machine. */
  kept_from?: string[];
}

export interface Session {
  authenticated: boolean;
  reads_need_token: boolean;
}

export interface Alerts {
  alerts: Alert[];
}

export interface Transition {
  id: string;
  at: number;
  previous: AlertState | null;
  state: AlertState;
  alert: Alert;
}

export type DeliveryState = 'queued' | 'leased' | 'sent' | 'undeliverable';
export type NoticeReason = 'fired' | 'resolved' | 'test';

export interface Delivery {
  id: number;
  channel: string;
  reason: NoticeReason;
  state: DeliveryState;
  attempts: number;
  last: { at: number; failure: string | null; detail: string } | null;
  created_at: number;
  alerts: string[];
}

export interface History {
  transitions: Transition[];
  deliveries: Delivery[];
}
