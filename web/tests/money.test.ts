import { expect, test } from 'vitest';
import { amount, change, exact, gain, plain, wayOf } from '../src/format/money.ts';

test.each([
  [45574.51, 'USD', '+45,574.51\u00a0USD'],
  [-412.3, 'USDT', '\u2212412.30\u00a0USDT'],
  [0, 'EUR', '0.00\u00a0EUR'],
  [0.0010419, 'BTC', '+0.0010419\u00a0BTC'],
  [-1.23456789, 'BTC', '\u22121.23456789\u00a0BTC'],
  [0.0004, 'USD', '+0.0004\u00a0USD'],
  [1e-12, 'USD', '0.00\u00a0USD'],
  [12.5, '', '+12.50 (no\u00a0currency)'],
])('%d %s is a gain or a loss with its sign and its currency', (value, currency, told) => {
  expect(gain(value, currency)).toBe(told);
});

test('what is no gain has a sign only below zero', () => {
  expect(amount(118240.15, 'USDT')).toBe('118,240.15\u00a0USDT');
  expect(amount(-5, 'USD')).toBe('\u22125.00\u00a0USD');
});

test.each([
  [-0.286, '\u221228.60\u202f%'],
  [0.0651, '+6.51\u202f%'],
  [0, '0.00\u202f%'],
  [-0.000001, '0.00\u202f%'],
  [Number.NaN, 'n/a'],
])('%d as a change', (ratio, told) => {
  expect(change(ratio)).toBe(told);
});

test('decimals of the source are kept, thousands are set apart', () => {
  expect(exact('98123.50')).toBe('98,123.50');
  expect(exact('-1234567.000100')).toBe('\u22121,234,567.000100');
  expect(exact('0.42000000')).toBe('0.42000000');
  expect(exact('1E-8')).toBe('1E-8');
  expect(plain(0.00012345)).toBe('0.00012345');
  expect(plain(50000)).toBe('50,000');
});

test('a result goes up, down or nowhere', () => {
  expect([1, -1, 0, null].map(wayOf)).toEqual(['up', 'down', 'flat', 'flat']);
});
