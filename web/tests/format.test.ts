import { describe, expect, test } from 'vitest';
import { conditionOf, phrase } from '../src/format/condition.ts';
import { duration, roughly, span } from '../src/format/duration.ts';
import { bytes, count, fixed, latency, percent, quantity, written } from '../src/format/number.ts';

describe('numbers', () => {
  test.each([
    [0, '0.0'],
    [0.25, '0.25'],
    [12.34, '12.3'],
    [99.96, '100.0'],
    [-3.2, '\u22123.2'],
    [Number.NaN, 'n/a'],
    [Number.POSITIVE_INFINITY, 'n/a'],
  ])('percent %d is %s: one decimal, two below 1 %%, a true minus sign', (value, text) => {
    expect(percent(value)).toBe(text);
  });

  test.each([
    [0, '0', 'B'],
    [999, '999', 'B'],
    [1000, '0.977', 'KiB'],
    [1024, '1.00', 'KiB'],
    [1023.6 * 1024, '1.00', 'MiB'],
    [25_134_366_720, '23.4', 'GiB'],
    [-2048, '\u22122.00', 'KiB'],
  ])('%d bytes are %s %s: three digits, never 1,000 of a unit', (value, number, unit) => {
    expect(bytes(value)).toEqual({ number, unit });
  });

  test.each([
    [0, '0', '\u00b5s'],
    [0.0000421, '42.1', '\u00b5s'],
    [0.00231, '2.31', 'ms'],
    [0.9996, '1.00', 's'],
    [3.407, '3.41', 's'],
  ])('%d s are %s %s', (value, number, unit) => {
    expect(latency(value)).toEqual({ number, unit });
  });

  test.each([
    [412, '412'],
    [9_999, '9,999'],
    [12_345, '12.3k'],
    [3_481_234, '3.48M'],
    [2.5, '2.50'],
  ])('the count %d is %s', (value, text) => {
    expect(count(value)).toBe(text);
  });

  test('units of the desk become signs, and a plain number keeps two decimals', () => {
    expect(quantity(0.972, 'ratio')).toEqual({ number: '97.2', unit: '%' });
    expect(quantity(8, 'count')).toEqual({ number: '8', unit: '' });
    expect(quantity(2048, 'B/s')).toEqual({ number: '2.00', unit: 'KiB/s' });
    expect(quantity(0.914, '')).toEqual({ number: '0.91', unit: '' });
    expect(written(93.4, 'percent')).toBe('93.4\u202f%');
    expect(fixed(118_240.15, 2)).toBe('118,240.15');
  });
});

describe('spans of time', () => {
  test.each([
    [0, '0 s'],
    [42_999, '42 s'],
    [760_000, '12 m 40 s'],
    [11_100_000, '3 h 05 m'],
    [273_600_000, '3 d 4 h'],
    [-5, '0 s'],
    [Number.NaN, 'n/a'],
  ])('%d ms are %s', (value, text) => {
    expect(duration(value)).toBe(text);
  });

  test('what is long ago is told in one unit, a range by its name', () => {
    expect(roughly(273_600_000)).toBe('3 d');
    expect([300_000, 3_600_000, 604_800_000, 90_000].map(span)).toEqual(['5 m', '1 h', '7 d', '1 m 30 s']);
  });
});

describe('conditions of alerts', () => {
  test('a comparison with a number at the end of the query is told', () => {
    const found = conditionOf('avg_over_time(cpu_usage[5m]) > 95');
    expect(found).toEqual({ expr: 'avg_over_time(cpu_usage[5m])', operator: '>', limit: 95 });
    expect(found && phrase(found, '95\u202f%')).toBe('above 95\u202f%');
  });

  test.each(['up', 'a > b', 'a > 1 and b > 2', 'absent(up{job="x"})'])('%s is not told as one limit', (query) => {
    expect(conditionOf(query)).toBeNull();
  });
});
