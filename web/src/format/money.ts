/** Money and its kin as a trader reads them: the sign always, the unit always, nothing rounded away unseen. */

import { fixed } from './number.ts';

const MINUS = '\u2212';
/** No-break spaces between a number and its unit: a thin one before %, a whole one before a currency. */
const THIN = '\u202f';
const SPACE = '\u00a0';
/** Coins that stand for money of two decimals. Other codes of more than three letters, and codes ISO does not know, are counted finer. */
const STABLE = new Set(['', 'USDT', 'USDC', 'BUSD', 'FDUSD', 'TUSD', 'USDP', 'EURC', 'DAI']);
const OFFICIAL = new Set(Intl.supportedValuesOf('currency'));
const FINE_DIGITS = 8;
const NAMELESS = '(no\u00a0currency)';

const formatters = new Map<string, Intl.NumberFormat>();

function grouped(value: number, least: number, most: number): string {
  const key = `${least} ${most}`;
  let made = formatters.get(key);
  if (made === undefined) {
    made = new Intl.NumberFormat('en-US', { minimumFractionDigits: least, maximumFractionDigits: most });
    formatters.set(key, made);
  }
  return made.format(value);
}

/** An amount without its sign: two decimals, up to eight for coins and for amounts that two would show as nothing. */
function magnitude(value: number, currency: string): string {
  const coarse = STABLE.has(currency) || OFFICIAL.has(currency);
  const tiny = value !== 0 && value < 0.005;
  return grouped(value, 2, coarse && !tiny ? 2 : FINE_DIGITS);
}

/** An amount of money with its sign and currency: `+45,574.51 USD`. Zero has no sign. */
export function gain(value: number, currency: string): string {
  return withUnit(signedText(value, magnitude(Math.abs(value), currency)), currency);
}

/** An amount that is no gain or loss, an equity for example: a sign only below zero. */
export function amount(value: number, currency: string): string {
  return withUnit((value < 0 ? MINUS : '') + magnitude(Math.abs(value), currency), currency);
}

/** A ratio as a percentage with its sign, two decimals: `−28.60 %`. */
export function change(ratio: number): string {
  if (!Number.isFinite(ratio)) return 'n/a';
  return `${signedText(ratio, fixed(Math.abs(ratio) * 100, 2))}${THIN}%`;
}

/** A plain number of any size with all its decimals up to eight: a quantity, a price. */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return 'n/a';
  return (value < 0 ? MINUS : '') + grouped(Math.abs(value), 0, FINE_DIGITS);
}

/** A decimal number as the source wrote it, grouped by thousands, all its decimals kept. */
export function exact(text: string): string {
  const found = /^([+-]?)(\d+)(\.\d+)?$/.exec(text);
  if (found === null) return text;
  const [, sign = '', whole = '', rest = ''] = found;
  return (sign === '-' ? MINUS : '') + whole.replace(/\B(?=(\d{3})+$)/g, ',') + rest;
}

/** Which way a result goes, for the shape beside it. */
export function wayOf(value: number | null): 'up' | 'down' | 'flat' {
  if (value === null || value === 0 || !Number.isFinite(value)) return 'flat';
  return value > 0 ? 'up' : 'down';
}

function signedText(value: number, text: string): string {
  if (!/[1-9]/.test(text)) return text;
  return (value < 0 ? MINUS : '+') + text;
}

/** Money whose currency nobody named says so: a bare number could be taken for any. */
function withUnit(text: string, currency: string): string {
  return currency === '' ? `${text} ${NAMELESS}` : `${text}${SPACE}${currency}`;
}
