/** The stretches of time that figures are worked out for. */

export const WINDOWS = ['7d', '30d', '90d', '1y', 'all'] as const;
export type WindowName = (typeof WINDOWS)[number];

const DAY_MS = 86_400_000;
const WIDTHS: Record<WindowName, number> = { '7d': 7 * DAY_MS, '30d': 30 * DAY_MS, '90d': 90 * DAY_MS, '1y': 365 * DAY_MS, all: Infinity };
const WORDS: Record<WindowName, string> = { '7d': '7 d', '30d': '30 d', '90d': '90 d', '1y': '1 y', all: 'All' };

/** `30 d`, as a button names it. */
export function windowWord(name: WindowName): string {
  return WORDS[name];
}

/** The window that an address names, or null. */
export function windowNamed(text: string | null): WindowName | null {
  return WINDOWS.find((name) => name === text) ?? null;
}

/** Without a choice: the last 30 days, or the first wider window that has a trade in it. */
export function windowFor(lastTradeAt: number | null, now: number): WindowName {
  const age = lastTradeAt === null ? Infinity : now - lastTradeAt;
  return WINDOWS.find((name) => name !== '7d' && age < WIDTHS[name]) ?? 'all';
}
