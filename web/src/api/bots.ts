/** How bots are doing: `GET /api/desk/bots`. Instants and durations are milliseconds. */

/** A tracked operation over the latest five minutes; seconds, and null where there was no call. */
export interface Operation {
  name: string;
  p50: number | null;
  p95: number | null;
  calls: number | null;
  errors: number | null;
}

/** A sign of life: when it was last heard, and how often it was promised. */
export interface Beat {
  name: string;
  process: string;
  at: number;
  expected: number;
  stage: string;
  cursor: string;
  missed: boolean;
}

export interface Bot {
  name: string;
  last_seen_at: number;
  processes: number;
  /** Why it said that it stops, or null. */
  stopping: string | null;
  operations: Operation[];
  beats: Beat[];
  /** What its client had to drop, by kind. */
  dropped: Record<string, number>;
}

export interface Bots {
  at: number;
  bots: Bot[];
}
