import type { Delivery, History } from '../api/wire.ts';
import { standingOf, type Standing } from '../format/words.ts';

/** One line of "What changed". */
export interface Change {
  key: string;
  at: number;
  standing: Standing;
  subject: string;
  verb: string;
}

/** Transitions and deliveries in one list, newest first. Alerts that were pending and went away are left out. */
export function changes(history: History | null, room: number): Change[] {
  if (history === null) return [];
  const transitions = history.transitions
    .filter(({ state }) => state !== 'dropped')
    .map(({ id, at, state, alert }) => ({
      key: id,
      at,
      standing: standingOf(state, alert.severity),
      subject: alert.name,
      verb: state,
    }));
  const deliveries = history.deliveries.map((delivery) => ({
    key: `delivery-${delivery.id}`,
    at: delivery.last?.at ?? delivery.created_at,
    ...told(delivery),
  }));
  return [...transitions, ...deliveries].sort((one, other) => other.at - one.at).slice(0, room);
}

function told(delivery: Delivery): Pick<Change, 'standing' | 'subject' | 'verb'> {
  const subject = delivery.alerts.join(', ');
  const failure = delivery.last?.failure;
  if (/deliver|sent|done/.test(delivery.state) && !/un/.test(delivery.state)) {
    return { standing: 'ok', subject, verb: `sent to ${delivery.channel}` };
  }
  if (failure === null || failure === undefined) {
    return { standing: 'info', subject, verb: `on its way to ${delivery.channel}` };
  }
  const tries = delivery.attempts === 1 ? '1 try' : `${delivery.attempts} tries`;
  return { standing: 'warning', subject, verb: `not sent to ${delivery.channel}: ${failure}, ${tries}` };
}
