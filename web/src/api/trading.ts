/** What the desk says of money: `GET /api/desk/trading`. Instants are milliseconds since 1970 (UTC). */

export type Mode = 'live' | 'paper' | 'backtest';

/** A figure, or the sentence that says why there is none; never both. */
export interface Known {
  value: number | null;
  reason: string | null;
}

export interface DayResult extends Known {
  /** The same figure exactly, where money must not be rounded. */
  value_text?: string | null;
  currency: string | null;
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
  unrealised_pnl: Known;
  open_trades: number;
  positions: OpenPosition[];
  equity_curve: Curve | null;
  last_trade_at: number | null;
}

export interface Trading {
  portfolios: TradingPortfolio[];
}
