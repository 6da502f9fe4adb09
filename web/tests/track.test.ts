import { describe, expect, test } from 'vitest';
import { Track, type Fold } from '../src/chart/track.ts';

const cells = (track: Track) => track.columns.map((column) => column.cells);
const sample = (value: number, fold: Fold = 'max') => new Map([['cpu', { value, fold }]]);

function loaded(times: number[], values: (number | null)[], step: number, now = Infinity): Track {
  const track = new Track();
  track.load([{ grid: { times, lines: [{ labels: {}, values }], warnings: [] }, fold: 'max', name: () => 'cpu' }], step, 1000, now);
  return track;
}

describe('a track', () => {
  test('ends where its values end: an empty tail may still be on its way', () => {
    expect(loaded([1000, 2000, 3000], [1, 2, null], 1000).times).toEqual([1000, 2000]);
  });

  test('knows its holes, and does not call what lies before the first sample one', () => {
    const track = loaded([1000, 2000, 3000, 4000, 5000], [null, 1, null, null, 2], 1000);
    expect(track.first).toBe(2000);
    expect(track.holes()).toEqual([[2000, 5000]]);
  });

  test('a live sample after a silence is not joined to what was before', () => {
    const track = loaded([1000, 2000], [1, 2], 1000);
    track.append(3000, sample(3));
    track.append(9000, sample(4));
    expect(cells(track)).toEqual([[1, 2, 3, null, 4]]);
    expect(track.holes()).toEqual([[3000, 9000]]);
  });

  test('samples of one step become one point: a peak stays, a mean is a mean', () => {
    const track = new Track();
    track.load([], 10_000, 1000, 0);
    for (const [at, value] of [[11_000, 4], [12_000, 10], [13_000, 1]] as const) {
      track.append(at, new Map([['peak', { value, fold: 'max' }], ['mean', { value, fold: 'mean' }]]));
    }
    expect(track.times).toEqual([13_000]);
    expect(cells(track)).toEqual([[10], [5]]);
    track.append(21_000, new Map([['peak', { value: 2, fold: 'max' }]]));
    expect(track.times).toEqual([13_000, 21_000]);
    expect(cells(track)).toEqual([[10, 2], [5, null]]);
  });

  test('a sample that is not newer is let go', () => {
    const track = loaded([1000, 2000], [1, 2], 1000);
    track.append(2000, sample(9));
    expect(cells(track)).toEqual([[1, 2]]);
  });

  test('a line that appears later has nothing before it', () => {
    const track = loaded([1000, 2000], [1, 2], 1000);
    track.append(3000, new Map([['disk', { value: 7, fold: 'max' }]]));
    expect(cells(track)).toEqual([[1, 2, null], [null, null, 7]]);
  });

  test('a tail adds newer rows, makes the running one anew, and leaves out rows that have no value yet', () => {
    const track = loaded([1000, 2000], [1, 2], 1000);
    const grid = { times: [2000, 3000, 4000], lines: [{ labels: {}, values: [9, 3, null] }], warnings: [] };
    track.extend([{ grid, fold: 'max', name: () => 'cpu' }], 4000);
    expect(track.times).toEqual([1000, 2000, 3000]);
    expect(cells(track)).toEqual([[1, 9, 3]]);
  });

  test('trimming keeps the window and its columns aligned, for any number of samples', () => {
    const track = new Track();
    track.load([], 1000, 1000, 0);
    for (let at = 1000; at <= 2_000_000; at += 1000) {
      track.append(at, sample(at));
      track.trim(at - 300_000);
      expect(track.times.length).toBeLessThan(480);
    }
    expect(track.times.at(-1)).toBe(2_000_000);
    expect(cells(track)[0]).toEqual(track.times);
  });

  test('the nearest row is found, at both ends too', () => {
    const track = loaded([1000, 2000, 4000], [1, 2, 3], 1000);
    expect([0, 1400, 1600, 3100, 9000].map((at) => track.nearest(at))).toEqual([0, 0, 1, 2, 2]);
    expect(new Track().nearest(5)).toBe(-1);
  });

  test('a desk of five minutes has a point in a week, which says when samples begin to within a step', () => {
    const track = loaded([1_800_000, 3_600_000], [null, 4], 1_800_000, 2_100_000);
    expect(track.times).toEqual([1_800_000, 2_100_000]);
    expect(track.begins).toBe(1_800_000);
    track.append(2_101_000, sample(9));
    expect(track.times).toEqual([1_800_000, 2_101_000]);
    expect(cells(track)).toEqual([[null, 9]]);
  });

  test('the mean of a running step weighs what was loaded by the samples that it stands for', () => {
    const track = new Track();
    const grid = { times: [10_000], lines: [{ labels: {}, values: [4] }], warnings: [] };
    track.load([{ grid, fold: 'mean', name: () => 'cpu' }], 10_000, 1000, 3000);
    track.append(4000, sample(8, 'mean'));
    expect(cells(track)).toEqual([[5]]);
  });

  test('a row that had no value yet is not the one that live samples go into', () => {
    const track = loaded([10_000, 20_000], [1, null], 10_000, 12_000);
    track.append(13_000, sample(2));
    expect(track.times).toEqual([10_000, 13_000]);
  });

  test('lines of one name are one column, which shows the highest: names are keys on the page', () => {
    const track = new Track();
    const lines = [[1, 5], [3, null], [2, 4]].map((values) => ({ labels: {}, values }));
    track.load([{ grid: { times: [1000, 2000], lines, warnings: [] }, fold: 'max', name: () => 'cpu' }], 1000, 1000, 2000);
    expect(cells(track)).toEqual([[3, 5]]);
  });
});
