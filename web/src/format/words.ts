import type { Alert, Evidence, Held } from '../api/wire.ts';

/** The ten vitals as a person calls them. */
const VITALS: Record<string, string> = {
  cpu_usage: 'CPU',
  memory_usage: 'Memory',
  disk_usage: 'Disk',
  npu_utilization: 'NPU',
  gpu_utilization: 'GPU',
  api_response_times: 'API response, p95',
  database_performance: 'Database query, p95',
  cache_hit_ratio: 'Cache hit ratio',
  active_connections: 'Connections',
  error_rate: 'Error rate',
};

/** A vital's name on the page; a name that is not in the table is shown as it is. */
export function vitalTitle(name: string): string {
  return VITALS[name] ?? name;
}

/** States and severities that have a shape and a colour of their own. */
export type Standing = 'ok' | 'info' | 'warning' | 'critical' | 'unknown';

/** How a change of an alert looks: firing as its severity, seen to be over as ok, the rest as information. */
export function standingOf({ state, severity, evidence }: Pick<Alert, 'state' | 'severity' | 'evidence'>): Standing {
  if (state === 'firing') return severity;
  return state === 'resolved' && UNSEEN_ENDS[evidence] === '' ? 'ok' : 'info';
}

/** Why an alert goes on though its condition is not seen true; empty where there is nothing to say. */
const HELD_AS_IT_WAS: Record<Evidence, string> = {
  true: '',
  false: 'its condition is no longer true; held for a while',
  absent: 'no data now: held as it was',
  error: 'its query fails now: held as it was',
  rule_gone: 'its rule is gone',
  released: 'a person ends it',
  expired: 'its program did not renew it',
};

/** Why an alert ended though nobody saw its condition false; empty for a recovery. */
const UNSEEN_ENDS: Record<Evidence, string> = {
  true: '',
  false: '',
  absent: 'its data are gone',
  error: 'it could not be judged any more',
  rule_gone: 'its rule is gone',
  released: 'a person ended it, without data that say it is over',
  expired: 'the program that raised it did not renew it',
};

/** What a live alert rests on, in words; empty while its condition is seen true. */
export function restsOn(evidence: Evidence): string {
  return HELD_AS_IT_WAS[evidence] ?? `judged by ${evidence}`;
}

/** What became of an alert: `firing`, `resolved`, `ended unseen: its rule is gone`. */
export function becameOf({ state, evidence }: Pick<Alert, 'state' | 'evidence'>): string {
  const why = state === 'resolved' ? (UNSEEN_ENDS[evidence] ?? '') : '';
  return why === '' ? state : `ended unseen: ${why}`;
}

/** Why nobody was told: `told to nobody: no route takes it`, `held: CpuBusy fires as critical`. */
export function heldBack({ reason, by }: Held): string {
  return `${reason === 'no_route' ? 'told to nobody' : 'held'}: ${by || reason.replaceAll('_', ' ')}`;
}

/** `3 critical`, `1 warning`. */
export function counted(number: number, word: string): string {
  return `${number} ${word}`;
}
