import type { Mode, OpenPosition, PortfolioName, TradingPortfolio } from '../api/trading.ts';

/** In the order of what is at stake. */
export const MODES: readonly Mode[] = ['live', 'paper', 'backtest'];

/** What a mode means, in the words of its heading. */
export const MEANING: Record<Mode, string> = {
  live: 'Live',
  paper: 'Paper: no money at stake',
  backtest: 'Backtest: a calculation about the past',
};

/** `bot-2` before `bot-10`. */
const order = new Intl.Collator('en', { numeric: true });

/** `main`, `main · momo`: whose money and which bot. */
export function portfolioTitle({ account, bot }: PortfolioName): string {
  return bot === '' ? account : `${account} \u00b7 ${bot}`;
}

/** Portfolios by mode, what is at stake first; within a mode by account and bot. Modes without any are left out. */
export function byMode<P extends PortfolioName>(portfolios: readonly P[]): { mode: Mode; portfolios: P[] }[] {
  return MODES.map((mode) => ({
    mode,
    portfolios: portfolios
      .filter((portfolio) => portfolio.mode === mode)
      .sort((one, other) => order.compare(one.account, other.account) || order.compare(one.bot, other.bot)),
  })).filter((group) => group.portfolios.length > 0);
}

export interface Held {
  portfolio: TradingPortfolio;
  position: OpenPosition;
}

/** Everything open, live first, the oldest first within a portfolio. */
export function openPositions(portfolios: readonly TradingPortfolio[]): Held[] {
  return byMode(portfolios).flatMap((group) =>
    group.portfolios.flatMap((portfolio) =>
      portfolio.positions
        .map((position) => ({ portfolio, position }))
        .sort((one, other) => one.position.opened_at - other.position.opened_at),
    ),
  );
}

/** What is not known of a portfolio, with one reason told once for all figures that lack for it. */
export function unknowns(portfolio: TradingPortfolio): { figures: string; reason: string }[] {
  const today: [string, string | null][] = [
    // Sums of several currencies stand side by side: nothing lacks then but their sum.
    ['P&L today', (portfolio.pnl_today.by_currency?.length ?? 0) > 1 ? null : reasonOf(portfolio.pnl_today)],
    ['unrealised P&L', reasonOf(portfolio.unrealised_pnl)],
  ];
  const figures: [string, string | null][] = [
    // A back-test has no today.
    ...(portfolio.mode === 'backtest' ? [] : today),
    ['equity', reasonOf(portfolio.equity)],
    ['drawdown', reasonOf(portfolio.drawdown)],
  ];
  const grouped = new Map<string, string[]>();
  for (const [figure, reason] of figures) {
    if (reason !== null) grouped.set(reason, [...(grouped.get(reason) ?? []), figure]);
  }
  return [...grouped].map(([reason, names]) => ({ figures: sentence(names), reason }));
}

function reasonOf({ value, reason }: { value: number | null; reason: string | null }): string | null {
  return value === null ? (reason ?? 'the desk gives no reason') : null;
}

function sentence(names: readonly string[]): string {
  const joined = names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return joined.charAt(0).toUpperCase() + joined.slice(1);
}
