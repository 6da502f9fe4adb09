import type { Bots } from '../api/bots.ts';
import { Poll } from './poll.svelte.ts';

const EVERY_MS = 10_000;

/** Every bot that was heard within a day. */
export const bots = new Poll<Bots>('/api/desk/bots', EVERY_MS);
