import type { Alert, Vital } from '../api/wire.ts';
import { conditionOf, phrase } from '../format/condition.ts';
import { written } from '../format/number.ts';

/** How the rule keys of alerts begin that programs raise; there is no query behind them. */
const RAISED = 'raised;';
/** Units as rules write them into their annotations, for people, and as the page calls them. */
const UNITS: Record<string, string> = { '%': 'percent', s: 'seconds' };

/** Whether a program raised it, not a rule. */
export function isRaised(alert: Pick<Alert, 'rule'>): boolean {
  return alert.rule.startsWith(RAISED);
}

/** The unit of an alert's value: what its rule says, else that of the vital it looks at; empty where nobody gave one. */
export function unitOf(alert: Pick<Alert, 'annotations'>, query: string, vitals: readonly Pick<Vital, 'name' | 'unit'>[]): string {
  const said = alert.annotations['unit'];
  if (said !== undefined) return UNITS[said] ?? said;
  // A count of a vital, or a product with it, has another unit: only the vital itself and its means keep it.
  const [, name] = /^(?:(?:avg|max|min)_over_time\(|(?:avg|max|min)\()?\s*([a-z_]+)(?::[a-z_]+)?\s*(?:\{[^}]*\})?\s*(?:\[[^\]]*\])?\s*\)?\s*(?:[<>=!]|$)/.exec(query.trim()) ?? [];
  return vitals.find((vital) => vital.name === name)?.unit ?? '';
}

/** What an alert's value is compared with, `above 95 %`; empty where neither its query nor its program says. */
export function limitOf(alert: Pick<Alert, 'annotations' | 'rule'>, query: string, unit: string): string {
  if (isRaised(alert)) return alert.annotations['threshold'] ?? '';
  const condition = conditionOf(query);
  return condition === null ? '' : phrase(condition, written(condition.limit, unit));
}
