import type { Delivery, History } from '../api/wire.ts';
import { becameOf, standingOf, type Standing } from '../format/words.ts';
import { highestChanges } from '../state/standing.ts';

/** One line of "What changed". */
export interface Change {
  key: string;
  at: number;
  standing: Standing;
  subject: string;
  verb: string;
}

/** Messages about the same alerts with the same fate, this near to one another, share a line. */
const TOGETHER_MS = 5_000;

/** Alerts that fired or ended, and what became of the messages about them, in one list, newest first. */
export function changes(history: History | null, room: number): Change[] {
  if (history === null) return [];
  const transitions = highestChanges(history.transitions)
    .filter(({ state }) => state === 'firing' || state === 'resolved')
    .map(({ id, at, state, alert }) => ({
      key: id,
      at,
      standing: standingOf({ ...alert, state }),
      subject: alert.name,
      verb: becameOf({ ...alert, state }),
    }));
  return [...transitions, ...together(history.deliveries).map(told)]
    .sort((one, other) => other.at - one.at)
    .slice(0, room);
}

function together(deliveries: readonly Delivery[]): Delivery[][] {
  const found: Delivery[][] = [];
  for (const delivery of deliveries) {
    const fate = (other: Delivery) => JSON.stringify([other.alerts, other.reason, other.state, other.last?.failure]);
    const group = found.find(
      ([first]) =>
        first !== undefined && fate(first) === fate(delivery) && Math.abs(when(first) - when(delivery)) < TOGETHER_MS,
    );
    if (group === undefined) found.push([delivery]);
    else group.push(delivery);
  }
  return found;
}

function when(delivery: Delivery): number {
  return delivery.last?.at ?? delivery.created_at;
}

function told(group: readonly Delivery[]): Change {
  const first = group[0];
  if (first === undefined) throw new Error('a group of messages is never empty');
  const channels = group.map(({ channel }) => channel).sort().join(', ');
  const subject = first.alerts.length > 3 ? `${first.alerts.length} alerts` : first.alerts.join(', ');
  const what = { fired: '', resolved: 'end ', test: 'test ' }[first.reason];
  const failure = first.last?.failure?.replaceAll('_', ' ') ?? null;
  const tries = first.attempts === 1 ? '1 try' : `${first.attempts} tries`;
  const line = { key: `message-${first.id}`, at: when(first), subject };
  switch (first.state) {
    case 'sent':
      return { ...line, standing: 'ok', verb: `${what}sent to ${channels}` };
    case 'undeliverable':
      return { ...line, standing: 'critical', verb: `${what}undeliverable to ${channels}: ${failure ?? 'no reason given'}` };
    default:
      return failure === null
        ? { ...line, standing: 'info', verb: `${what}on its way to ${channels}` }
        : { ...line, standing: 'warning', verb: `${what}not yet sent to ${channels}: ${failure}, ${tries}` };
  }
}
