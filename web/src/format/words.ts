import type { AlertState, Held, Severity } from '../api/wire.ts';

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

/** How a change of an alert looks: firing as its severity, resolved as ok, the rest as information. */
export function standingOf(state: AlertState, severity: Severity): Standing {
  if (state === 'firing') return severity;
  return state === 'resolved' ? 'ok' : 'info';
}

/** Why nobody was told: `told to nobody: no route takes it`, `held: CpuBusy fires as critical`. */
export function heldBack({ reason, by }: Held): string {
  return `${reason === 'no_route' ? 'told to nobody' : 'held'}: ${by || reason.replaceAll('_', ' ')}`;
}

/** `3 critical`, `1 warning`. */
export function counted(number: number, word: string): string {
  return `${number} ${word}`;
}
