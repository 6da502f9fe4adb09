import { expect, test } from 'vitest';
import type { Alert, AlertState, Delivery, Evidence, Transition } from '../src/api/wire.ts';
import { becameOf, heldBack, restsOn, standingOf } from '../src/format/words.ts';
import { isRaised, limitOf, unitOf } from '../src/parts/alert.ts';
import { changes } from '../src/parts/changes.ts';
import { standing } from '../src/state/standing.ts';
import { clusters, firings } from '../src/parts/lane.ts';

function alert(name: string, state: AlertState, fired: number | null): Alert {
  return {
    fingerprint: name,
    name,
    severity: name === 'Cpu' ? 'critical' : 'warning',
    state,
    value: 1,
    labels: {},
    annotations: {},
    active_at: 0,
    fired_at: fired,
    ended_at: null,
    evidence: 'true',
    rule: '',
  };
}

function change(name: string, at: number, state: AlertState): Transition {
  return { id: `${name}${at}${state}`, at, previous: null, state, alert: alert(name, state, at) };
}

function delivery(id: number, channel: string, state: Delivery['state'], at: number, failure: string | null = null): Delivery {
  return { id, channel, reason: 'fired', state, attempts: 2, last: { at, failure, detail: '' }, created_at: at, alerts: ['Cpu'] };
}

test('stretches of firing are told from their changes, and from what fires now', () => {
  const history = [change('Cpu', 50, 'firing'), change('Disk', 20, 'resolved'), change('Disk', 10, 'firing')];
  const found = firings(history, [alert('Cpu', 'firing', 50), alert('Old', 'firing', 5), alert('Soon', 'pending', null)], 0, 100);
  expect(found.map(({ name, from, to }) => [name, from, to])).toEqual([['Old', 5, null], ['Disk', 10, 20], ['Cpu', 50, null]]);
});

test('changes near to one another share a mark, which shows the worst of them', () => {
  const found = clusters([change('Disk', 10, 'firing'), change('Cpu', 12, 'firing'), change('Cpu', 90, 'resolved')], 0, 100, 5);
  expect(found.map(({ at, standing, changes: inside }) => [at, standing, inside.length])).toEqual([
    [10, 'critical', 2],
    [90, 'ok', 1],
  ]);
});

test('what changed: newest first, messages with one fate on one line, waiting alerts left out', () => {
  const transitions = [change('Cpu', 100, 'firing'), change('Cpu', 40, 'pending')];
  const deliveries = [
    delivery(1, 'phone', 'sent', 200),
    delivery(2, 'console', 'sent', 150),
    delivery(3, 'webhook', 'queued', 300, 'rate_limited'),
    delivery(4, 'old', 'undeliverable', 250, 'auth'),
  ];
  const rows = changes({ transitions, deliveries }, 10);
  expect(rows.map(({ standing, verb }) => [standing, verb])).toEqual([
    ['warning', 'not yet sent to webhook: rate limited, 2 tries'],
    ['critical', 'undeliverable to old: auth'],
    ['ok', 'sent to console, phone'],
    ['critical', 'firing'],
  ]);
});

test('of two levels of one rule the higher is shown; other labels make another alert', () => {
  const made = (severity: 'critical' | 'warning', mount: string) => ({
    ...alert('Disk', 'firing', 1),
    severity,
    labels: { alertname: 'Disk', mountpoint: mount, severity },
  });
  const found = standing([made('warning', '/'), made('critical', '/'), made('warning', '/data')], 'firing');
  expect(found.map(({ severity, labels }) => [severity, labels['mountpoint']])).toEqual([
    ['critical', '/'],
    ['warning', '/data'],
  ]);
});

test('an alert that nobody was told of says why', () => {
  expect(heldBack({ reason: 'no_route', by: 'load stays on this machine' })).toBe('told to nobody: load stays on this machine');
  expect(heldBack({ reason: 'inhibited', by: 'CpuBusy fires as critical' })).toBe('held: CpuBusy fires as critical');
  expect(heldBack({ reason: 'quiet_hours', by: '' })).toBe('held: quiet hours');
});

test('an alert that nobody saw recover says why it ended, and is no good news', () => {
  const words: Evidence[] = ['true', 'false', 'absent', 'error', 'rule_gone', 'released', 'expired'];
  const ends = words.map((evidence) => ({ ...alert('Cpu', 'resolved', 1), evidence }));
  expect(ends.map(standingOf)).toEqual(['ok', 'ok', 'info', 'info', 'info', 'info', 'info']);
  expect(ends.map(becameOf)).toEqual([
    'resolved',
    'resolved',
    'ended unseen: its data are gone',
    'ended unseen: it could not be judged any more',
    'ended unseen: its rule is gone',
    'ended unseen: a person ended it, without data that say it is over',
    'ended unseen: the program that raised it did not renew it',
  ]);
  expect(words.map(restsOn).filter((told) => told === '')).toHaveLength(1);
  const [row] = changes({ transitions: ends.slice(6).map((each) => ({ ...change('Cpu', 5, 'resolved'), alert: each })), deliveries: [] }, 5);
  expect([row?.standing, row?.verb]).toEqual(['info', 'ended unseen: the program that raised it did not renew it']);
});

test('a value has the unit that its rule gives, or that of the vital it looks at, and never one that nobody gave', () => {
  const vitals = [{ name: 'cpu_usage', unit: 'percent' }, { name: 'error_rate', unit: 'ratio' }];
  const bare = { annotations: {}, rule: 'file;group;rule;' };
  const units = [
    'cpu_usage > 95',
    'avg_over_time(cpu_usage[1m]) > 95',
    'cpu_usage:core{core="1"} >= 5',
    'count(cpu_usage) > 3',
    'my_error_rate > 3',
    'error_rate * 1000 > 3',
    'rate(error_rate[5m]) > 1',
  ].map((query) => unitOf(bare, query, vitals));
  expect(units).toEqual(['percent', 'percent', 'percent', '', '', '', '']);
  expect(unitOf({ annotations: { unit: '%' } }, 'x > 1', vitals)).toBe('percent');
  expect(unitOf({ annotations: { unit: 'ms' } }, 'cpu_usage > 1', vitals)).toBe('ms');
  expect(limitOf(bare, 'avg_over_time(cpu_usage[1m]) > 95', 'percent')).toBe('above 95.0\u202f%');
  const raised = { annotations: { threshold: 'above 0.05' }, rule: 'raised;slippage' };
  expect([isRaised(raised), limitOf(raised, '', '')]).toEqual([true, 'above 0.05']);
});
