import { expect, test } from 'vitest';
import type { Statistic } from '../src/api/performance.ts';
import { dateLabels, dateTicks } from '../src/chart/dates.ts';
import { deepest, nearestRow } from '../src/performance/curves.ts';
import { families } from '../src/performance/families.ts';
import { figure, standsOn } from '../src/performance/figure.ts';
import { heat, yearsOf } from '../src/performance/months.ts';
import { windowFor, windowNamed } from '../src/performance/windows.ts';

const DAY = 86_400_000;

function statistic(name: string, value: number | null, unit: string, family = 'trades'): Statistic {
  return { name, title: name, family, value, reason: null, unit, n: 94, periods_per_year: null, periods_assumed: false, convention: '' };
}

test.each([
  ['total_pnl', 45574.51, 'USD', '+45,574.51\u00a0USD'],
  ['total_pnl', 45574.51, 'money', '+45,574.51 (no\u00a0currency)'],
  ['total_fees', 12, 'USD', '12.00\u00a0USD'],
  ['win_rate', 0.531914, 'fraction', '53.19\u202f%'],
  ['max_drawdown', -0.286, 'fraction', '\u221228.60\u202f%'],
  ['annual_return', 0.21, 'fraction', '+21.00\u202f%'],
  ['annual_volatility', 0.3912, 'fraction', '39.12\u202f%'],
  ['sharpe_ratio', 0.65123, 'ratio', '0.65'],
  ['total_trades', 9367, 'count', '9,367'],
  ['max_drawdown_duration', 3 * 3600, 'seconds', '3 h 00 m'],
  ['sharpe_ratio', null, 'ratio', 'no value'],
  ['time_under_water', 0.9185, 'fraction', '91.85\u202f%'],
  ['ulcer_index', 0, 'fraction', '0.00\u202f%'],
])('%s = %s %s', (name, value, unit, told) => {
  expect(figure(statistic(name, value, unit))).toBe(told);
});

test('a figure says what it stands on, and whether somebody set the periods', () => {
  expect(standsOn(statistic('a', 1, 'ratio'))).toBe('n = 94');
  const annual = { ...statistic('a', 1, 'ratio'), periods_per_year: 105120, periods_assumed: true };
  expect(standsOn(annual)).toBe('n = 94 \u00b7 105,120 periods a year (assumed)');
});

test('families keep the order of the desk', () => {
  const found = families([statistic('a', 1, 'ratio', 'risk'), statistic('b', 1, 'ratio'), statistic('c', 1, 'ratio', 'risk')]);
  expect(found.map(({ name, statistics }) => [name, statistics.length])).toEqual([['risk', 2], ['trades', 1]]);
});

test('the deepest drawdown reaches from its peak to its recovery, or to the end', () => {
  const times = [0, 1, 2, 3, 4, 5];
  expect(deepest(times, [0, -0.1, 0, -0.2, -0.3, 0])).toEqual({ from: 2, to: 5, depth: -0.3, valley: 4, recovered: true });
  expect(deepest(times, [0, 0, -0.1, null, -0.4, -0.2])).toMatchObject({ from: 3, to: 5, valley: 4, recovered: false });
  expect(deepest(times, [0, 0, 0, 0, 0, 0])).toBeNull();
  expect(deepest([], [])).toBeNull();
});

test('a row is found by its instant', () => {
  expect([-5, 4, 6, 100].map((at) => nearestRow([0, 10, 20], at))).toEqual([0, 0, 1, 2]);
  expect(nearestRow([], 5)).toBe(-1);
});

test('months fall into years, newest first; the whole year is the desk\'s own figure', () => {
  const months = [{ year: 2024, month: 12, value: 0.1 }, { year: 2025, month: 1, value: 0.1 }, { year: 2025, month: 2, value: -0.5 }];
  const years = yearsOf(months, [{ year: 2025, month: null, value: -0.45 }]);
  expect(years.map(({ year, whole }) => [year, whole])).toEqual([[2025, -0.45], [2024, null]]);
  expect([years[0]?.months[0], years[0]?.months[2]]).toEqual([0.1, null]);
});

test('heat is told in steps of the strongest month', () => {
  expect([0.2, 0.05, -0.2, 0, null].map((value) => heat(value, 0.2))).toEqual(['up-4', 'up-1', 'down-4', '', '']);
  expect(heat(0.1, 0)).toBe('');
});

test('without a choice the window is wide enough for the last trade', () => {
  const now = 1000 * DAY;
  expect([now - DAY, now - 40 * DAY, now - 200 * DAY, 0, null].map((at) => windowFor(at, now))).toEqual(['30d', '90d', '1y', 'all', 'all']);
  expect([windowNamed('7d'), windowNamed('8d'), windowNamed(null)]).toEqual(['7d', null, null]);
});

test('an axis of years has marks at years, one of months at months, one of days at days', () => {
  const of = (from: string, to: string) => {
    const marks = dateTicks(new Date(from).getTime(), new Date(to).getTime(), 8);
    return dateLabels(marks);
  };
  expect(of('2004-08-19', '2013-03-01')).toEqual(['2006', '2008', '2010', '2012']);
  expect(of('2024-01-15', '2024-07-20')).toEqual(['2024-02', '2024-03', '2024-04', '2024-05', '2024-06', '2024-07']);
  expect(of('2024-01-01T00:00', '2024-01-08T00:00').at(1)).toBe('01-02');
  expect(dateTicks(5, 5, 8).length).toBeLessThanOrEqual(1);
});
