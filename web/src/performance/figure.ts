import type { Statistic } from '../api/performance.ts';
import { duration } from '../format/duration.ts';
import { amount, change, gain, plain } from '../format/money.ts';
import { fixed } from '../format/number.ts';

const THIN = '\u202f';
const COUNT = new Set(['count', 'trades', 'periods', 'returns']);
/** Fractions that are shares of a whole, not gains: they have no sign. */
const SHARE = /rate|share|volatility|deviation|risk|time_|under_water|ratio|frequency|index|probab|p_value|kelly/;
/** Money that is paid or stands for itself: no gain, so no plus before it. */
const PAID = /fee|cost|balance|volume|turnover|equity/;

/** The headline of a page of figures, in the order in which they are read. */
export const HEADLINE = [
  'total_pnl',
  'win_rate',
  'average_profit',
  'profit_factor',
  'total_trades',
  'sharpe_ratio',
  'sortino_ratio',
  'max_drawdown',
  'calmar_ratio',
  'annual_volatility',
] as const;

/** A value of the catalogue in its unit: `+45,574.51 USD`, `53.19 %`, `−28.60 %`, `1.42`, `94`. */
export function figure({ name, unit, value }: Pick<Statistic, 'name' | 'unit' | 'value'>): string {
  if (value === null) return 'no value';
  if (unit === 'fraction' || unit === 'percent') {
    const ratio = unit === 'fraction' ? value : value / 100;
    return SHARE.test(name) ? `${fixed(ratio * 100, 2)}${THIN}%` : change(ratio);
  }
  if (unit === 'seconds') return duration(value * 1000);
  if (COUNT.has(unit)) return plain(value);
  if (unit === 'ratio') return fixed(value, 2);
  return PAID.test(name) ? amount(value, currencyOf(unit)) : gain(value, currencyOf(unit));
}

/** The currency that a unit of money names; empty where the desk knows none. */
export function currencyOf(unit: string): string {
  return unit === 'money' ? '' : unit;
}

/** What a figure stands on: `n = 94`, with the periods a year and whether anybody set them. */
export function standsOn({ n, periods_per_year, periods_assumed }: Statistic): string {
  const told = [`n = ${plain(n)}`];
  if (periods_per_year !== null) {
    told.push(`${plain(Number(periods_per_year.toPrecision(6)))} periods a year${periods_assumed ? ' (assumed)' : ''}`);
  }
  return told.join(' \u00b7 ');
}
