import type { Alert, AlertState, Transition } from '../api/wire.ts';

const RANK = { critical: 0, warning: 1, info: 2 } as const;

/**
 * The alerts in one state, worst first, then oldest first.
 *
 * A rule with two levels raises an alert for each, equal but for the severity: of those only the higher is shown, since
 * the lower follows from it.
 */
export function standing(alerts: readonly Alert[], state: AlertState): Alert[] {
  const highest = new Map<string, Alert>();
  for (const alert of alerts) {
    if (alert.state !== state) continue;
    const other = highest.get(besidesSeverity(alert));
    if (other === undefined || RANK[alert.severity] < RANK[other.severity]) highest.set(besidesSeverity(alert), alert);
  }
  return [...highest.values()].sort(
    (one, other) => RANK[one.severity] - RANK[other.severity] || one.active_at - other.active_at,
  );
}

/** What two levels of one alert have in common. */
function besidesSeverity(alert: Alert): string {
  return JSON.stringify(Object.entries(alert.labels).filter(([name]) => name !== 'severity').sort());
}

/** Of two levels of one alert that changed at the same instant, the higher. The order stays. */
export function highestChanges(transitions: readonly Transition[]): Transition[] {
  const found = new Map<string, Transition>();
  for (const transition of transitions) {
    const key = `${transition.at} ${transition.state} ${besidesSeverity(transition.alert)}`;
    const other = found.get(key);
    if (other === undefined || RANK[transition.alert.severity] < RANK[other.alert.severity]) found.set(key, transition);
  }
  return [...found.values()];
}
