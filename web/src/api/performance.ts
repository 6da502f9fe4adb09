/** What the desk says of a portfolio over a window: `GET /api/desk/performance`. Instants are milliseconds (UTC). */

import type { Curve, Known, Mode } from './trading.ts';

/** One figure of the catalogue with everything it needs to be believed. */
export interface Statistic extends Known {
  name: string;
  title: string;
  /** Where it stands in a report: `Return`, `Risk`, `Drawdown` ... */
  family: string;
  /** `fraction` (1 is 100 %), `ratio`, `count`, `seconds`, `money`, or the currency of an amount. */
  unit: string;
  /** How many observations it was made of. */
  n: number;
  periods_per_year: number | null;
  /** True where nobody set the periods a year. */
  periods_assumed: boolean;
  convention: string;
}

/** A plain number, or why there is none. */
export type Told = number | { value: null; reason: string };

export interface CurrencyTotal {
  currency: string;
  total_trades: number;
  winning_trades: number;
  win_rate: Told;
  total_pnl: Told;
}

/** The compounded return of a month; `month` is null for a whole year. */
export interface CalendarReturn {
  year: number;
  month: number | null;
  value: number;
}

export interface Drawdown {
  /** A ratio of zero or below. */
  depth: number;
  /** Null where it fell from the start, and nobody says when that was. */
  peak_at: number | null;
  valley_at: number;
  recovered_at: number | null;
  days: number;
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

export interface Performance {
  /** Whose figures; null stands for all of them. */
  portfolio: { account: string | null; bot: string | null; mode: Mode | null };
  window: { name: string; start: number; end: number };
  basis: string | null;
  statistics: Statistic[];
  by_currency: CurrencyTotal[];
  notes: string[];
  /** Thinned to what a screen shows, its extremes kept; not at the same instants as the drawdown. */
  equity: (Curve & { currency: string }) | null;
  drawdown: Curve | null;
  monthly: CalendarReturn[];
  yearly: CalendarReturn[];
  drawdowns: Drawdown[];
  /** By what trades are told apart: `symbol`, `direction`, `exit_reason` ... */
  splits: Record<string, Share[]>;
  last_trade_at: number | null;
}
