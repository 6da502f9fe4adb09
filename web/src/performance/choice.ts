import type { Mode, PortfolioName, TradingPortfolio } from '../api/trading.ts';
import { byMode, MODES, portfolioTitle } from '../trading/portfolios.ts';
import type { WindowName } from './windows.ts';

/** What figures can be asked for: one bot's trades, or everything of an account in one mode. */
export interface Choice {
  account: string;
  /** Null means the whole account, whatever bot it was. */
  bot: string | null;
  mode: Mode;
  title: string;
  currency: string;
  last_trade_at: number | null;
}

/** Every choice, what is most at stake first: an account as a whole, then its bots where there are several. */
export function choicesOf(portfolios: readonly TradingPortfolio[]): Choice[] {
  return byMode(portfolios).flatMap(({ mode, portfolios: group }) =>
    [...new Set(group.map(({ account }) => account))].flatMap((account) => {
      const parts = group.filter((each) => each.account === account);
      const bots = parts.filter(({ bot }) => bot !== '');
      const [single] = parts;
      const title = parts.length === 1 && single !== undefined ? portfolioTitle(single) : `${account}, whole account`;
      const whole = choice({ account, mode }, null, title, parts);
      return parts.length > 1 ? [whole, ...bots.map((each) => choice(each, each.bot, portfolioTitle(each), [each]))] : [whole];
    }),
  );
}

/** Choices under the heading of their mode. */
export function grouped(choices: readonly Choice[]): { mode: Mode; choices: Choice[] }[] {
  return MODES.map((mode) => ({ mode, choices: choices.filter((each) => each.mode === mode) })).filter(
    (group) => group.choices.length > 0,
  );
}

/** The choice that an address names; what is gone gives its account as a whole, else the first. Null where there is none. */
export function chosen(choices: readonly Choice[], fields: URLSearchParams): Choice | null {
  const account = fields.get('account');
  const mode = fields.get('mode');
  const bot = fields.get('bot');
  const near = choices.filter((each) => each.account === account && (mode === null || each.mode === mode));
  return near.find((each) => each.bot === bot) ?? near[0] ?? choices[0] ?? null;
}

/** The fields of an address or a question that name a choice. */
export function fieldsOf({ account, bot, mode }: Pick<Choice, 'account' | 'bot' | 'mode'>): [string, string][] {
  return [['account', account], ...(bot === null ? [] : [['bot', bot] as [string, string]]), ['mode', mode]];
}

/** The question for a choice over a window. */
export function questionOf(choice: Pick<Choice, 'account' | 'bot' | 'mode'>, window: WindowName): string {
  return `/api/desk/performance?${new URLSearchParams([['window', window], ...fieldsOf(choice)]).toString()}`;
}

/** The same question, answered as one self-contained page to keep or to send. */
export function reportOf(question: string): string {
  return question.replace('/performance?', '/report.html?');
}

function choice(
  { account, mode }: Omit<PortfolioName, 'bot'>,
  bot: string | null,
  title: string,
  parts: readonly TradingPortfolio[],
): Choice {
  const currencies = new Set(parts.map(({ currency }) => currency ?? ''));
  const closed = parts.flatMap(({ last_trade_at: at }) => at ?? []);
  return {
    account,
    bot,
    mode,
    title,
    currency: currencies.size === 1 ? ([...currencies][0] ?? '') : '',
    last_trade_at: closed.length > 0 ? Math.max(...closed) : null,
  };
}
