/** What the desk says of a portfolio over a window: `GET /api/desk/performance`. Instants are milliseconds (UTC). */

import type { Curve, Known, Mode, PortfolioName } from './trading.ts';

/** One figure of the catalogue with everything it needs to be believed. */
export interface Statistic extends Known {
  name: string;
  title: string;
  /** Where it stands in a report: `Return`, `Risk`, `Drawdown` ... */
  group: string;
  unit: string;
  /** How many observations it was made of. */
  n: number | null;
  periods_per_year: number | null;
  /** True where nobody set the periods a year. */
  periods_assumed: boolean;
  convention: string;
}

export interface CurrencyTotal {
  currency: string;
  total_pnl: number | null;
  total_trades: number;
}

/** The closed trades of one symbol, one direction, one hour ... */
export interface Share {
  key: string;
  trades: number;
  wins: number;
  losses: number;
  win_rate: number;
  pnl: number | null;
  average_profit: number | null;
  profit_factor: number | null;
}

export interface Split {
  by: string;
  shares: Share[];
}

export interface Month {
  year: number;
  month: number;
  value: number | null;
}

export interface Drawdown {
  /** A ratio of zero or below. */
  depth: number;
  /** Null where it fell from the start, and nobody says when that was. */
  peak_at: number | null;
  valley_at: number;
  recovered_at: number | null;
}

export interface Performance {
  portfolio: PortfolioName | { account: string | null; bot: string | null; mode: Mode | null };
  window: { start: number | null; end: number | null };
  basis: string | null;
  statistics: Statistic[];
  by_currency: CurrencyTotal[];
  notes: string[];
  equity: (Curve & { currency: string }) | null;
  drawdown: { times: number[]; values: (number | null)[] } | null;
  monthly: Month[];
  drawdowns: Drawdown[];
  splits?: Split[];
  last_trade_at: number | null;
}
