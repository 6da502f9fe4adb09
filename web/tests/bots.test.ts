import { expect, test } from 'vitest';
import type { Beat, Bot } from '../src/api/bots.ts';
import { beatWords, botStanding, operationWords } from '../src/trading/bots.ts';

function bot(beats: Partial<Beat>[], stopping: string | null = null): Bot {
  const whole = beats.map((beat) => ({ name: 'scan', process: '1', at: 0, expected: 60_000, stage: '', cursor: '', missed: false, ...beat }));
  return { name: 'momo', last_seen_at: 0, processes: 1, stopping, operations: [], beats: whole, dropped: {} };
}

test('a missed beat is critical, an announced stop is not', () => {
  expect(botStanding(bot([{}, { name: 'orders', missed: true }]))).toEqual({ standing: 'critical', word: 'beat missed: orders' });
  expect(botStanding(bot([{ missed: true }], 'deploy'))).toEqual({ standing: 'info', word: 'stopped: deploy' });
  expect(botStanding(bot([{}])).standing).toBe('ok');
  expect(botStanding(bot([])).word).toBe('no beats promised');
});

test('operations and beats in words', () => {
  expect(operationWords({ name: 'order', p50: 0.1, p95: 0.142, calls: 200, errors: 3 })).toBe('p95 142\u202fms, 3 errors in 200 calls');
  expect(operationWords({ name: 'order', p50: null, p95: null, calls: null, errors: null })).toBe('no call, no errors');
  expect(beatWords(0, 60_000, 12_000)).toBe('12 s ago, due every 1 m 00 s');
});
