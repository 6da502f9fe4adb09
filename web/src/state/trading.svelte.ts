import type { Trading } from '../api/trading.ts';
import { Poll } from './poll.svelte.ts';

const EVERY_MS = 5_000;

/** Money as the desk knows it: results of today, equity, drawdown and what is open, of every portfolio. */
export const trading = new Poll<Trading>('/api/desk/trading', EVERY_MS);
