import { expect, test } from 'vitest';
import type { Labels, Vital } from '../src/api/wire.ts';
import { PANELS, shownNames } from '../src/chart/panels.ts';
import { explanation } from '../src/parts/vital.ts';

function vital(name: string, labels: Labels, parts: [Labels, number][]): Vital {
  return {
    name,
    unit: 'percent',
    value: 97,
    reason: null,
    at: 0,
    level: 'critical',
    thresholds: null,
    parts: parts.map(([part, value]) => ({ labels: part, value })),
    labels,
    instance: labels['instance'] ?? null,
  };
}

const here = { instance: 'box', job: 'node' };
const web9 = { instance: 'web9', job: 'node' };

test('cores are counted of the machine whose value is told', () => {
  const cores: [Labels, number][] = [
    ...['0', '1'].map((cpu): [Labels, number] => [{ ...here, cpu }, 100]),
    ...['0', '1', '2', '3'].map((cpu): [Labels, number] => [{ ...web9, cpu }, 60]),
  ];
  expect(explanation(vital('cpu_usage', here, cores))).toBe('2 cores, busiest 100.0 %');
  expect(explanation(vital('cpu_usage', web9, cores))).toBe('4 cores, busiest 60.0 %');
});

test('the fullest filesystem is one of the machine that is told, by its mount', () => {
  const mounts: [Labels, number][] = [
    [{ ...here, mountpoint: '/', device: '/dev/sda1' }, 99],
    [{ ...web9, mountpoint: '/srv', device: '/dev/sda1' }, 97],
  ];
  expect(explanation(vital('disk_usage', web9, mounts))).toBe('/srv');
});

test('lines of two machines are two, and each is called by its machine', () => {
  const disk = PANELS.find(({ id }) => id === 'disk');
  const mounts: [Labels, number][] = [here, web9].map((host, place) => [{ ...host, mountpoint: '/' }, 40 + place]);
  const lines = disk?.live?.({ at: 0, interval_ms: 1000, vitals: [vital('disk_usage', web9, mounts)] });
  const names = [...(lines?.keys() ?? [])];
  expect(names).toHaveLength(2);
  expect(names.map(shownNames(names, true))).toEqual(['box /', 'web9 /']);
  expect(names.slice(0, 1).map(shownNames(names.slice(0, 1), false))).toEqual(['/']);
  expect(names.slice(1).map(shownNames(names.slice(1), true))).toEqual(['web9 /']);
  expect(shownNames(names, true)('all cores')).toBe('all cores');
});
