import type { Labels, Vitals } from '../api/wire.ts';
import type { Fold } from './track.ts';

/** One query of a panel. `expr` gets the window within which a sample counts, and the wider one that a rate needs. */
export interface Source {
  expr: (window: string, rateWindow: string) => string;
  fold: Fold;
  name: (labels: Labels) => string;
}

export type Sample = { value: number; fold: Fold };

/** A panel: what it asks for once, and what it takes from the live stream. Without `live` it asks for its tail. */
export interface PanelSpec {
  id: string;
  title: string;
  unit: string;
  /** A percentage is drawn from 0 to 100, whatever its values: half full must look half full. */
  percent: boolean;
  vital: string | null;
  sources: Source[];
  live: ((vitals: Vitals) => Map<string, Sample>) | null;
  /** Metrics whose alerts are marked in this panel. */
  metrics: RegExp;
  /** Names in the order they are shown and coloured; others follow by value, highest first. */
  order: string[];
}

/** The desk's own collector: an exporter of another machine has a job of its own. */
const HOST = 'job="node"';
const REAL_DEVICES = 'device!~"lo|veth.*|docker.*|br-.*|virbr.*"';

export const PANELS: readonly PanelSpec[] = [
  {
    id: 'cpu',
    title: 'CPU',
    unit: 'percent',
    percent: true,
    vital: 'cpu_usage',
    sources: [
      { expr: (window) => `max(avg_over_time(cpu_usage[${window}]))`, fold: 'mean', name: () => 'all cores' },
      { expr: (window) => `max(max_over_time(cpu_usage:core[${window}]))`, fold: 'max', name: () => 'busiest core' },
    ],
    live: (vitals) => {
      const values = new Map(whole(vitals, 'cpu_usage', 'all cores', 'mean'));
      const cores = parts(vitals, 'cpu_usage').map((part) => part.value);
      if (cores.length > 0) values.set('busiest core', { value: Math.max(...cores), fold: 'max' });
      return values;
    },
    metrics: /\b(cpu_usage|node_cpu_|node_pressure_cpu)/,
    order: ['all cores', 'busiest core'],
  },
  {
    id: 'memory',
    title: 'Memory',
    unit: 'percent',
    percent: true,
    vital: 'memory_usage',
    sources: [{ expr: (window) => `max(max_over_time(memory_usage[${window}]))`, fold: 'max', name: () => 'used' }],
    live: (vitals) => new Map(whole(vitals, 'memory_usage', 'used', 'max')),
    metrics: /\b(memory_usage|node_memory_|node_pressure_memory)/,
    order: ['used'],
  },
  {
    id: 'disk',
    title: 'Disk',
    unit: 'percent',
    percent: true,
    vital: 'disk_usage',
    sources: [
      {
        expr: (window) => `max by (instance, mountpoint) (max_over_time(disk_usage:mount[${window}]))`,
        fold: 'max',
        name: nameWithMachine,
      },
    ],
    live: (vitals) =>
      new Map(parts(vitals, 'disk_usage').map(({ labels, value }) => [nameWithMachine(labels), { value, fold: 'max' }])),
    metrics: /\b(disk_usage|node_filesystem_|node_disk_)/,
    order: [],
  },
  {
    id: 'load',
    title: 'Load',
    unit: '',
    percent: false,
    vital: null,
    sources: [
      { expr: (window) => `max(max_over_time(node_load1{${HOST}}[${window}]))`, fold: 'max', name: () => '1 min' },
      { expr: (window) => `max(max_over_time(node_load15{${HOST}}[${window}]))`, fold: 'max', name: () => '15 min' },
    ],
    live: null,
    metrics: /\bnode_load/,
    order: ['1 min', '15 min'],
  },
  {
    id: 'network',
    title: 'Network',
    unit: 'B/s',
    percent: false,
    vital: null,
    sources: (['receive', 'transmit'] as const).map((way) => ({
      expr: (_window, rateWindow) => `sum(rate(node_network_${way}_bytes_total{${HOST},${REAL_DEVICES}}[${rateWindow}]))`,
      fold: 'mean',
      name: () => (way === 'receive' ? 'in' : 'out'),
    })),
    live: null,
    metrics: /\bnode_network_/,
    order: ['in', 'out'],
  },
];

/** A pace of probes beyond which a hole is one. */
const SLOW_MS = 45_000;

/** A vital that is measured only where something is there to measure: its worst, and each part beside it. */
function ofVital(
  vital: string,
  title: string,
  unit: string,
  part: string,
  worst: string,
  metrics: RegExp,
  fold: 'max' | 'min' = 'max',
): PanelSpec {
  // Probes are slower than the desk's own collectors: a narrower window would draw holes between their samples.
  const over = (series: string) => (window: string) =>
    `${fold}_over_time(${series}[${Math.max(Number.parseInt(window, 10), SLOW_MS)}ms])`;
  return {
    id: vital.replaceAll('_', '-'),
    title,
    unit,
    percent: unit === 'percent',
    vital,
    sources: [
      { expr: (window) => `${fold}(${over(vital)(window)})`, fold, name: () => worst },
      { expr: over(`${vital}:${part}`), fold, name: nameWithMachine },
    ],
    live: (vitals) =>
      new Map([
        ...whole(vitals, vital, worst, fold),
        ...parts(vitals, vital).map(({ labels, value }): [string, Sample] => [nameWithMachine(labels), { value, fold }]),
      ]),
    metrics,
    order: [worst],
  };
}

/** Labels that name a part, the most telling first. */
const PART_LABELS = ['mountpoint', 'target', 'probe', 'device', 'watched', 'process', 'log', 'bot', 'source', 'core'];

/** What a part of a vital is called: the label that tells it from the others. */
export function partName(labels: Labels): string {
  const named = PART_LABELS.find((label) => labels[label] !== undefined && labels[label] !== '');
  return (named === undefined ? Object.values(labels).join(' ') : labels[named]) || 'part';
}

/** Stands between machine and part in a line's name; in neither of them, and on no screen. */
const BETWEEN = '\u0000';

/** What a part of any machine is called among the lines of a panel. */
function nameWithMachine(labels: Labels): string {
  return `${labels['instance'] ?? ''}${BETWEEN}${partName(labels)}`;
}

/** Lines as they are called on screen: with their machine where there are several, or where it `isAnother`. */
export function shownNames(names: readonly string[], isAnother: boolean): (name: string) => string {
  const machines = new Set(names.filter((name) => name.includes(BETWEEN)).map((name) => name.split(BETWEEN)[0]));
  return (name) => {
    const [machine, part] = name.split(BETWEEN);
    return part === undefined ? name : machine && (machines.size > 1 || isAnother) ? `${machine} ${part}` : part;
  };
}

/** Panels of the vitals that not every machine has, each shown once it has a value. */
export const FURTHER: readonly PanelSpec[] = [
  ofVital('gpu_utilization', 'GPU', 'percent', 'device', 'busiest', /(gpu_utilization|accelerator_)/),
  ofVital('npu_utilization', 'NPU', 'percent', 'device', 'busiest', /(npu_utilization|accelerator_)/),
  ofVital('api_response_times', 'API, p95', 'seconds', 'target', 'slowest', /(api_response_times|probe_)/),
  ofVital('database_performance', 'Database, p95', 'seconds', 'target', 'slowest', /(database_performance|sqlite_)/),
  ofVital('cache_hit_ratio', 'Cache hits', 'ratio', 'target', 'worst', /(cache_hit_ratio|redis_)/, 'min'),
  ofVital('active_connections', 'Connections', 'count', 'watched', 'all', /active_connections/),
  ofVital('error_rate', 'Errors', 'ratio', 'source', 'all sources', /(error_rate|_errors_total|_failures_total)/),
];

function whole(vitals: Vitals, vital: string, name: string, fold: Fold): [string, Sample][] {
  const value = vitals.vitals.find((candidate) => candidate.name === vital)?.value;
  return value === null || value === undefined ? [] : [[name, { value, fold }]];
}

function parts(vitals: Vitals, vital: string): { labels: Labels; value: number }[] {
  const found = vitals.vitals.find((candidate) => candidate.name === vital)?.parts ?? [];
  return found.flatMap(({ labels, value }) => (value === null ? [] : [{ labels, value }]));
}
