import { expect, test } from 'vitest';
import type { Mode, TradingPortfolio } from '../src/api/trading.ts';
import { choicesOf, chosen, questionOf, reportOf } from '../src/performance/choice.ts';
import { addressOf, codeIn, placeOf } from '../src/state/address.ts';
import { byMode, openPositions, portfolioTitle, unknowns } from '../src/trading/portfolios.ts';

function portfolio(account: string, bot: string, mode: Mode, opened: number[] = []): TradingPortfolio {
  return {
    account,
    bot,
    mode,
    currency: 'USD',
    pnl_today: { value: 1, reason: null, currency: 'USD', day_started_at: 0 },
    equity: { value: null, reason: 'no equity', at: null, currency: 'USD' },
    drawdown: { value: null, reason: 'no equity', basis: null },
    unrealised_pnl: { value: null, reason: 'no price', currency: 'USD' },
    open_trades: opened.length,
    positions: opened.map((at) => ({
      symbol: `at ${at}`,
      direction: 'long',
      quantity: 1,
      entry_price: 1,
      unrealised_pnl: null,
      opened_at: at,
      currency: 'USD',
    })),
    equity_curve: null,
    last_trade_at: null,
  } as TradingPortfolio;
}

const SOME = [portfolio('b', '', 'backtest'), portfolio('a', 'x', 'paper', [3]), portfolio('b', 'y', 'live', [2, 1]), portfolio('a', '', 'live')];

test('what is at stake comes first, and modes are never one list', () => {
  expect(byMode(SOME).map(({ mode, portfolios }) => [mode, portfolios.map(portfolioTitle)])).toEqual([
    ['live', ['a', 'b \u00b7 y']],
    ['paper', ['a \u00b7 x']],
    ['backtest', ['b']],
  ]);
});

test('open positions: live first, the oldest first', () => {
  expect(openPositions(SOME).map(({ position }) => position.symbol)).toEqual(['at 1', 'at 2', 'at 3']);
});

test('one reason is told once for all figures that lack for it', () => {
  expect(unknowns(portfolio('a', '', 'live'))).toEqual([
    { figures: 'Unrealised P&L', reason: 'no price' },
    { figures: 'Equity and drawdown', reason: 'no equity' },
  ]);
});

test('an address names a portfolio; one that is gone gives the first', () => {
  const wanted = new URLSearchParams({ account: 'a', bot: 'x', mode: 'paper' });
  const choices = choicesOf(SOME);
  expect(choices.map(({ title, mode }) => `${mode} ${title}`)).toEqual(['live a', 'live b \u00b7 y', 'paper a \u00b7 x', 'backtest b']);
  expect(chosen(choices, wanted)?.mode).toBe('paper');
  expect(chosen(choices, new URLSearchParams({ account: 'b' }))?.mode).toBe('live');
  expect(chosen(choices, new URLSearchParams({ account: 'gone', mode: 'live' }))?.account).toBe('a');
  expect(chosen(choices, new URLSearchParams())?.account).toBe('a');
  expect(chosen([], wanted)).toBeNull();
  expect(questionOf({ account: 'a b', bot: null, mode: 'live' }, '30d')).toBe(
    '/api/desk/performance?window=30d&account=a+b&mode=live',
  );
  expect(reportOf(questionOf({ account: 'performance?', bot: null, mode: 'live' }, '30d'))).toBe(
    '/api/desk/report.html?window=30d&account=performance%3F&mode=live',
  );
});

test('an account of several bots is chosen as a whole first, then each bot', () => {
  const choices = choicesOf([portfolio('a', '', 'live'), portfolio('a', 'x', 'live'), portfolio('a', 'y', 'paper')]);
  expect(choices.map(({ title, bot }) => [title, bot])).toEqual([
    ['a, whole account', null],
    ['a \u00b7 x', 'x'],
    ['a \u00b7 y', null],
  ]);
  expect(questionOf(choices[1] ?? { account: '', bot: null, mode: 'live' }, 'all')).toContain('&bot=x&');
});

test('the part after # names a page and its fields; anything else is the first page', () => {
  const place = placeOf('#/performance?window=90d&bot=a%26b');
  expect([place.path, place.fields.get('window'), place.fields.get('bot')]).toEqual(['/performance', '90d', 'a&b']);
  expect(addressOf(place.path, place.fields)).toBe('#/performance?window=90d&bot=a%26b');
  for (const hash of ['', '#', '#panel-cpu', '#login=CODE', '#/performance/../x', '#//evil']) expect(placeOf(hash).path).toBe('/');
  expect(addressOf('/performance', [['bot', '']])).toBe('#/performance');
  expect([codeIn('#login=A%2Bb', 'login'), codeIn('#confirm=7K', 'confirm'), codeIn('#login=W%', 'login')]).toEqual(['A+b', '7K', 'W%']);
  expect([codeIn('#login=', 'login'), codeIn('#confirm=7K', 'login'), codeIn('', 'confirm')]).toEqual([null, null, null]);
});
