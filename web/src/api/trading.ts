/** What the desk says of money: `GET /api/desk/trading`. Instants are milliseconds since 1970 (UTC). */

export type Mode = 'live' | 'paper' | 'backtest';

/** A figure, or the sentence that says why there is none; never both. */
export interface Known {
  value: number | null;
  reason: string | null;
}

/** A sum in one currency; its name is empty where none was named. */
export interface CurrencyResult {
  currency: string | null;
  value: number | null;
}

export interface DayResult extends Known {
  /** The same figure exactly, where money must not be rounded. */
  value_text?: string | null;
  currency: string | null;
  /** The same of each currency; missing from an older desk. */
  by_currency?: CurrencyResult[];
  /** When the account's own day began: its zone and hour are settings. */
  day_started_at: number | null;
}

export interface OpenPosition {
  symbol: string;
  direction: 'long' | 'short';
  quantity: number;
  quantity_text?: string;
  entry_price: number;
  entry_price_text?: string;
  unrealised_pnl: number | null;
  unrealised_reason?: string | null;
  /** What parts of it brought already, in no total before it closes. */
  realised_pnl?: number | null;
  opened_at: number;
  currency: string;
}

export interface Curve {
  times: number[];
  values: (number | null)[];
  basis: string;
}

/** Whose money, moved by whom, in earnest or not. `bot` is empty for what belongs to the account as a whole. */
export interface PortfolioName {
  account: string;
  bot: string;
  mode: Mode;
}

export interface TradingPortfolio extends PortfolioName {
  currency: string | null;
  pnl_today: DayResult;
  equity: Known & { at: number | null; currency: string | null };
  /** A ratio of zero or below. */
  drawdown: Known & { basis: string | null };
  unrealised_pnl: Known & { currency: string | null };
  open_trades: number;
  /** The first of them; `positions_total` counts all. */
  positions: OpenPosition[];
  positions_total?: number;
  equity_curve: Curve | null;
  last_trade_at: number | null;
}

export interface Trading {
  portfolios: TradingPortfolio[];
  /** How many portfolios the desk holds: an answer has a bound. */
  total?: number;
}
