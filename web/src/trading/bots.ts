import type { Bot, Operation } from '../api/bots.ts';
import { duration } from '../format/duration.ts';
import { count, written } from '../format/number.ts';
import type { Standing } from '../format/words.ts';

/** How a bot stands in a shape and a few words: a missed beat is the worst, a stop that was announced is no fault. */
export function botStanding(bot: Bot): { standing: Standing; word: string } {
  if (bot.stopping !== null) return { standing: 'info', word: `stopped: ${bot.stopping || 'no reason given'}` };
  const missed = bot.beats.filter((beat) => beat.missed).map(({ name }) => name);
  if (missed.length > 0) return { standing: 'critical', word: `beat missed: ${missed.join(', ')}` };
  return bot.beats.length > 0 ? { standing: 'ok', word: 'beats' } : { standing: 'info', word: 'no beats promised' };
}

/** `p95 142 ms, 3 errors in 200 calls` of an operation in the latest five minutes. */
export function operationWords({ p95, calls, errors }: Operation): string {
  const failed = errors === null || errors === 0 ? 'no errors' : `${count(Math.round(errors))} errors`;
  const made = calls === null ? '' : ` in ${count(Math.round(calls))} calls`;
  return `${p95 === null ? 'no call' : `p95 ${written(p95, 'seconds')}`}, ${failed}${made}`;
}

/** `12 s ago, due every 1 m 00 s`. */
export function beatWords(at: number, expected: number, now: number): string {
  return `${duration(now - at)} ago, due every ${duration(expected)}`;
}
