import { describe, expect, test } from 'vitest';
import { stepFor } from '../src/api/ranges.ts';
import { label, ticks, valueTicks } from '../src/chart/ticks.ts';
import { clamp, DEFAULT_WIDTH, parse, print } from '../src/state/span.ts';

describe('the window in the address', () => {
  test.each(['?r=5m', '?r=1h', '?r=7d', '?r=90s', '?from=1000&to=61000'])('%s is read and printed the same', (search) => {
    expect(print(parse(search))).toBe(search);
  });

  test.each(['', '?r=', '?r=1y', '?r=0s', '?r=999999d', '?from=5&to=1', '?from=a&to=b'])('%s gives the default', (search) => {
    expect(parse(search)).toEqual({ live: true, width: DEFAULT_WIDTH });
  });

  test('a window is never narrower than ten seconds, and grows around its middle', () => {
    expect(clamp(100_000, 101_000)).toEqual({ from: 95_500, to: 105_500 });
  });
});

describe('steps of a range', () => {
  test.each([
    [300_000, 1000, 1000],
    [900_000, 1000, 2000],
    [86_400_000, 1000, 300_000],
    [300_000, 15_000, 15_000],
  ])('%d ms at an interval of %d ms are drawn every %d ms', (width, interval, step) => {
    expect(stepFor(width, 600, interval)).toBe(step);
  });

  test('no range, however wide, has more points than asked for', () => {
    for (let width = 10_000; width < 400 * 86_400_000; width *= 1.7) {
      expect(width / stepFor(width, 600, 1000)).toBeLessThanOrEqual(600);
    }
  });
});

describe('marks of the axes', () => {
  test('time marks are whole, inside the window, and no more than fit', () => {
    const from = Date.UTC(2026, 10, 22, 3, 2, 11);
    const found = ticks(from, from + 900_000, 8);
    expect(found.length).toBeGreaterThan(3);
    expect(found.length).toBeLessThanOrEqual(9);
    for (const at of found) expect(at % 120_000).toBe(0);
  });

  test('the day on which clocks go back has one mark, at midnight', () => {
    // Europe/Zurich, set by the test runner: 25 October 2026 is 25 hours long.
    const from = new Date(2026, 9, 23).getTime();
    const found = ticks(from, new Date(2026, 9, 28).getTime(), 6);
    expect(found.map((at) => label(at, 86_400_000))).toEqual(['10-23', '10-24', '10-25', '10-26', '10-27', '10-28']);
  });

  test('value marks are round and reach the top', () => {
    expect(valueTicks(3.7)).toEqual([0, 2, 4]);
    expect(valueTicks(20.3)).toEqual([0, 15, 30]);
    expect(valueTicks(24 * 2 ** 20, 2)).toEqual([0, 12 * 2 ** 20, 24 * 2 ** 20]);
    expect(valueTicks(0)).toEqual([0]);
  });
});
