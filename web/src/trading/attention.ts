/** What stands first where not everything fits: what is lost, in fractions, since sums of two currencies have no order. */

import type { OpenPosition, TradingPortfolio } from '../api/trading.ts';
import { change, gain } from '../format/money.ts';
import { portfolioTitle, type Held } from './portfolios.ts';

/** Fractions are told apart by whole percents: rows must not change places with every tick. */
const STEP = 0.01;

/** What was lost since the day began, as a fraction of the equity; infinite where it is not known of how much. */
function lostToday({ pnl_today: today, equity }: TradingPortfolio): number {
  const results = today.by_currency?.map(({ value }) => value) ?? [today.value];
  if (!results.some((value) => (value ?? 0) < 0)) return 0;
  const known = today.value !== null && equity.value !== null && equity.value > 0 && today.currency === equity.currency;
  return known ? Math.max(0, -(today.value ?? 0)) / (equity.value ?? 1) : Infinity;
}

/** How much of a portfolio is lost: its distance from the peak, or its loss of today where that is more. */
function lost(portfolio: TradingPortfolio): number {
  const today = portfolio.mode === 'backtest' ? 0 : lostToday(portfolio);
  return Math.floor(Math.max(-(portfolio.drawdown.value ?? 0), today) / STEP);
}

/** The same portfolios, those that lost most first; of equals those with something open, then in the order they came. */
export function byLoss(portfolios: readonly TradingPortfolio[]): TradingPortfolio[] {
  const isOpen = ({ open_trades, positions }: TradingPortfolio) => open_trades > 0 || positions.length > 0;
  return portfolios.toSorted(
    (one, other) => descending(lost(one), lost(other)) || Number(isOpen(other)) - Number(isOpen(one)),
  );
}

/** What to know of portfolios that are not shown, of which the first is the worst. */
export function worstOf(hidden: readonly TradingPortfolio[]): string {
  const [worst] = hidden;
  if (worst === undefined) return '';
  const today = worst.pnl_today.value;
  const told = [
    ...(worst.drawdown.value === null ? ['drawdown unknown'] : [`drawdown ${change(worst.drawdown.value)}`]),
    ...(today !== null && today < 0 ? [`today ${gain(today, worst.pnl_today.currency ?? '')}`] : []),
  ];
  return `worst of the others: ${portfolioTitle(worst)}, ${told.join(', ')}`;
}

/** What a position came to as a fraction of what was paid; null where its price is not known. */
export function returnOf({ unrealised_pnl, quantity, entry_price }: OpenPosition): number | null {
  const paid = Math.abs(quantity * entry_price);
  return unrealised_pnl === null || paid === 0 ? null : unrealised_pnl / paid;
}

/** The same positions: what loses most first, then what is not known, then the gains; modes stay apart. */
export function positionsByLoss(held: readonly Held[]): Held[] {
  const rank = ({ position }: Held) => {
    const found = returnOf(position);
    return found === null ? 0 : found < 0 ? Math.ceil(-found / STEP) : -1;
  };
  const modes = [...new Set(held.map(({ portfolio }) => portfolio.mode))];
  return held.toSorted(
    (one, other) =>
      modes.indexOf(one.portfolio.mode) - modes.indexOf(other.portfolio.mode) || descending(rank(one), rank(other)),
  );
}

/** What to know of positions that are not shown. */
export function worstPosition(hidden: readonly Held[]): string {
  const unknown = hidden.filter(({ position }) => position.unrealised_pnl === null).length;
  const [worst] = hidden
    .flatMap(({ position }) => {
      const found = returnOf(position);
      return found === null || found >= 0 ? [] : [{ position, found }];
    })
    .sort((one, other) => one.found - other.found);
  return [
    ...(worst === undefined ? [] : [`worst of the others: ${worst.position.symbol} ${change(worst.found)}`]),
    ...(unknown > 0 ? [`${unknown} of them without a price`] : []),
  ].join(', ');
}

/** Also of two that are infinite, whose difference is no number. */
function descending(one: number, other: number): number {
  return one === other ? 0 : other > one ? 1 : -1;
}
