import type { Alert, Transition } from '../api/wire.ts';
import { standingOf, type Standing } from '../format/words.ts';

/** A stretch in which an alert was firing; `to` is null while it still is. */
export interface Firing {
  fingerprint: string;
  name: string;
  standing: Standing;
  from: number;
  to: number | null;
}

/** Changes of alerts so near to one another that they share one mark. */
export interface Cluster {
  at: number;
  standing: Standing;
  changes: Transition[];
}

const RANK: Record<Standing, number> = { critical: 4, warning: 3, info: 2, ok: 1, unknown: 0 };

/** Stretches of firing that touch [from, to], told from the transitions and from what fires now. Oldest first. */
export function firings(transitions: readonly Transition[], live: readonly Alert[], from: number, to: number): Firing[] {
  const found: Firing[] = [];
  const open = new Map<string, Firing>();
  for (const { at, state, alert } of [...transitions].sort((one, other) => one.at - other.at)) {
    const running = open.get(alert.fingerprint);
    if (state === 'firing' && running === undefined) {
      open.set(alert.fingerprint, made(alert, at));
    } else if (state === 'resolved') {
      // Its beginning may lie before the loaded history; the alert itself knows it.
      found.push({ ...(running ?? made(alert, alert.fired_at ?? at)), to: at });
      open.delete(alert.fingerprint);
    }
  }
  for (const alert of live) {
    if (alert.state !== 'firing') continue;
    found.push(open.get(alert.fingerprint) ?? made(alert, alert.fired_at ?? alert.active_at));
  }
  return found.filter((firing) => firing.from <= to && (firing.to ?? to) >= from).sort((one, other) => one.from - other.from);
}

function made(alert: Alert, from: number): Firing {
  return { fingerprint: alert.fingerprint, name: alert.name, standing: alert.severity, from, to: null };
}

/** Firing and resolving inside [from, to], those closer than `distance` ms in one cluster with the worst standing. */
export function clusters(transitions: readonly Transition[], from: number, to: number, distance: number): Cluster[] {
  const found: Cluster[] = [];
  const inside = transitions.filter(({ at, state }) => at >= from && at <= to && (state === 'firing' || state === 'resolved'));
  for (const change of inside.sort((one, other) => one.at - other.at)) {
    const standing = standingOf({ ...change.alert, state: change.state });
    const last = found.at(-1);
    if (last !== undefined && change.at - last.at < distance) {
      last.changes.push(change);
      if (RANK[standing] > RANK[last.standing]) last.standing = standing;
    } else {
      found.push({ at: change.at, standing, changes: [change] });
    }
  }
  return found;
}
