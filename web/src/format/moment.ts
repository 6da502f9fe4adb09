/** Instants in the reader's own time zone: 24 hours, ISO dates. */

import { roughly } from './duration.ts';

const LONG_PAST_MS = 60 * 86_400_000;

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `03:12:44`. */
export function clock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `03:12`. */
export function minute(at: number): string {
  return clock(at).slice(0, 5);
}

/** `2026-11-22`. */
export function day(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `2026-11-22 03:12:44`. */
export function instant(at: number): string {
  return `${day(at)} ${clock(at)}`;
}

/** The clock, with the date before it when that is not today's. */
export function near(at: number, now: number): string {
  return day(at) === day(now) ? clock(at) : `${day(at).slice(5)} ${minute(at)}`;
}

/** How long ago something was; of what is long past the day: `3 h ago`, `on 2013-03-01`. */
export function ago(at: number, now: number): string {
  return now - at < LONG_PAST_MS ? `${roughly(now - at)} ago` : `on ${day(at)}`;
}

/** Name of the reader's time zone, for example `UTC` or `Europe/Zurich`. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
