import type { Mode, PortfolioName, TradingPortfolio } from '../api/trading.ts';
import { byMode } from '../trading/portfolios.ts';
import type { WindowName } from './windows.ts';

/** The portfolio that an address names, else the first of what is most at stake; null where there is none. */
export function chosen(portfolios: readonly TradingPortfolio[], fields: URLSearchParams): TradingPortfolio | null {
  const first = byMode(portfolios)[0]?.portfolios[0] ?? null;
  if (!fields.has('mode')) return first;
  const wanted = nameOf(fields);
  return portfolios.find((each) => each.account === wanted.account && each.bot === wanted.bot && each.mode === wanted.mode) ?? first;
}

function nameOf(fields: URLSearchParams): PortfolioName {
  return { account: fields.get('account') ?? '', bot: fields.get('bot') ?? '', mode: (fields.get('mode') ?? 'live') as Mode };
}

/** The question for a portfolio over a window. An empty bot is asked for as such: it is the account as a whole. */
export function questionOf({ account, bot, mode }: PortfolioName, window: WindowName): string {
  return `/api/desk/performance?${new URLSearchParams({ window, account, bot, mode }).toString()}`;
}
