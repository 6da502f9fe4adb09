import { expect, test } from 'vitest';
import type { OpenPosition, TradingPortfolio } from '../src/api/trading.ts';
import { byLoss, positionsByLoss, returnOf, worstOf, worstPosition } from '../src/trading/attention.ts';

interface Told {
  drawdown?: number | null;
  today?: number;
  equity?: number | null;
  open?: number;
}

function portfolio(account: string, { drawdown = 0, today = 0, equity = 1000, open = 0 }: Told = {}): TradingPortfolio {
  return {
    account,
    bot: '',
    mode: 'live',
    currency: 'USD',
    pnl_today: { value: today, reason: null, currency: 'USD', day_started_at: 0 },
    equity: { value: equity, reason: equity === null ? 'no balance' : null, at: 0, currency: 'USD' },
    drawdown: { value: drawdown, reason: null, basis: null },
    unrealised_pnl: { value: 0, reason: null, currency: 'USD' },
    open_trades: open,
    positions: [],
    equity_curve: null,
    last_trade_at: null,
  };
}

function position(symbol: string, unrealised: number | null): OpenPosition {
  return { symbol, direction: 'long', quantity: 2, entry_price: 50, unrealised_pnl: unrealised, opened_at: 0, currency: 'USD' };
}

test('what lost most stands first; a loss of nobody knows how much before it; equals keep their places', () => {
  const some = [
    portfolio('well'),
    portfolio('open', { open: 1 }),
    portfolio('fallen', { drawdown: -0.2 }),
    portfolio('falling', { drawdown: -0.05, today: -300 }),
    portfolio('unknown', { drawdown: null, today: -1, equity: null }),
    portfolio('also well'),
  ];
  const order = byLoss(some).map(({ account }) => account);
  expect(order).toEqual(['unknown', 'falling', 'fallen', 'open', 'well', 'also well']);
});

test('less than a percent moves no row', () => {
  const some = [portfolio('a', { drawdown: -0.031 }), portfolio('b', { drawdown: -0.038 })];
  expect(byLoss(some).map(({ account }) => account)).toEqual(['a', 'b']);
});

test('a loss in one of several currencies counts, although they have no sum', () => {
  const mixed = portfolio('mixed');
  mixed.pnl_today = { value: null, reason: 'several', currency: null, day_started_at: 0, by_currency: [{ currency: 'EUR', value: 5 }, { currency: 'USD', value: -1 }] };
  expect(byLoss([portfolio('a', { drawdown: -0.5 }), mixed])[0]?.account).toBe('mixed');
});

test('of portfolios that are not shown the worst is named', () => {
  expect(worstOf([portfolio('a', { drawdown: -0.05, today: -12 })])).toBe(
    'worst of the others: a, drawdown \u22125.00\u202f%, today \u221212.00\u00a0USD',
  );
  expect(worstOf([])).toBe('');
});

test('positions: the deepest loss first, then those without a price, then gains', () => {
  const held = [position('up', 5), position('unknown', null), position('down', -3), position('deep', -40)].map((each) => ({
    portfolio: portfolio('a'),
    position: each,
  }));
  expect(positionsByLoss(held).map(({ position: { symbol } }) => symbol)).toEqual(['deep', 'down', 'unknown', 'up']);
  expect(worstPosition(held)).toBe('worst of the others: deep \u221240.00\u202f%, 1 of them without a price');
  expect(worstPosition(held.slice(0, 1))).toBe('');
  expect([returnOf(position('x', -40)), returnOf({ ...position('x', 1), entry_price: 0 })]).toEqual([-0.4, null]);
});
