import { ask, AskError } from '../api/ask.ts';
import type { Alert, Alerts, History, Labels, Status, Vital, Vitals } from '../api/wire.ts';
import type { Link, Message } from '../live/message.ts';
import { standing } from './standing.ts';

/** A value is fresh for this many intervals; after that it is shown grey, with its age. */
const FRESH_INTERVALS = 3;
/** How far back the list of changes and the lane of events reach at most, and how many rows they load. */
const HISTORY_ROWS = 200;
const SLOW_MS = 5_000;

/** What the desk last said, and how old that is. Values come whole from the wire and are never changed in place. */
class DeskState {
  status = $state.raw<Status | null>(null);
  vitals = $state.raw<Vitals | null>(null);
  alerts = $state.raw<Alert[] | null>(null);
  history = $state.raw<History | null>(null);
  /** Query of each alerting rule by `ruleKey`, for the condition beside an alert. */
  queries = $state.raw<ReadonlyMap<string, string>>(new Map());
  link = $state.raw<Link>({ up: false, retryAt: null });
  /** Why the first load failed, or null. */
  refused = $state.raw<AskError | null>(null);
  /** The desk's clock, moved on once a second. */
  now = $state(Date.now());
  /** Counts the times the connection came back: histories reload on it. */
  returns = $state(0);

  private build = $state.raw<string | null>(null);

  readonly interval = $derived(this.vitals?.interval_ms ?? this.status?.interval_ms ?? 1000);
  readonly age = $derived(this.vitals === null ? null : Math.max(0, this.now - measuredAt(this.vitals)));
  readonly stale = $derived(this.age === null || this.age > FRESH_INTERVALS * this.interval + 500);
  /** When anything was last heard of: the clock while data is fresh, else the time of the newest data. */
  readonly known = $derived(this.stale && this.age !== null ? this.now - this.age : this.now);
  readonly firing = $derived(standing(this.alerts ?? [], 'firing'));
  readonly pending = $derived(standing(this.alerts ?? [], 'pending'));
  /** The one word on top. Old data never claims to be well. */
  readonly state = $derived(this.stale || this.status === null ? 'unknown' : this.status.state);
  readonly upgraded = $derived(this.build !== null && this.status !== null && this.status.build !== this.build);

  /** Rules that the desk does not list: they are gone, or a program raised the alert. They are not asked for again. */
  private without: ReadonlySet<string> = new Set();
  private offset = 0;
  private wasDown = false;

  /** The desk's clock as an instant now. */
  clock(): number {
    return Date.now() + this.offset;
  }

  /** The query behind an alert; empty while it is not known. */
  queryOf(alert: Alert): string {
    return this.queries.get(ruleKey(alert.name, alert.labels['severity'] ?? '')) ?? '';
  }

  vital(name: string): Vital | undefined {
    return this.vitals?.vitals.find((vital) => vital.name === name);
  }

  /** The first picture, before the stream says anything, each part as it comes; `prepare` hears of the status before anything is drawn. */
  async load(prepare: (status: Status) => void = () => {}): Promise<void> {
    try {
      await Promise.all([
        ask<Status>('/api/desk/status').then((data) => {
          prepare(data);
          this.take({ kind: 'status', data });
        }),
        ask<Vitals>('/api/desk/vitals').then((data) => this.take({ kind: 'vitals', data })),
        ask<Alerts>('/api/desk/alerts').then((data) => this.take({ kind: 'alerts', data })),
      ]);
      this.refused = null;
    } catch (cause) {
      if (!(cause instanceof AskError)) throw cause;
      this.refused = cause;
    }
  }

  /** Take in one message of the stream. */
  take(message: Message): void {
    switch (message.kind) {
      case 'status':
        this.status = message.data;
        this.offset = message.data.now - Date.now();
        this.build ??= message.data.build;
        if (this.alerts !== null && this.miscounted(message.data)) void this.refreshAlerts();
        break;
      case 'vitals':
        if (message.data.at >= (this.vitals?.at ?? 0)) this.vitals = message.data;
        this.now = Math.max(this.clock(), message.data.at);
        break;
      case 'alerts':
        this.alerts = message.data.alerts;
        void this.refreshHistory();
        break;
      case 'link':
        this.relink(message.data);
    }
  }

  /** Move the clock on; once a second. */
  tick(): void {
    this.now = Math.max(this.clock(), this.vitals?.at ?? 0);
  }

  /** Reload the alerts: the stream tells of them when they change their state, not when their values move. */
  async refreshAlerts(): Promise<void> {
    await this.attempt(async () => {
      this.alerts = (await ask<Alerts>('/api/desk/alerts')).alerts;
    });
    await this.refreshHistory();
  }

  /** Reload what the stream does not carry: the history, and the rules where an alert's is not known. */
  async refreshHistory(): Promise<void> {
    await this.attempt(async () => {
      this.history = await ask<History>(`/api/desk/alerts/history?limit=${HISTORY_ROWS}`);
    });
    const named = [...(this.alerts ?? []), ...(this.history?.transitions ?? []).map(({ alert }) => alert)];
    const unknown = () => named.filter((alert) => this.queryOf(alert) === '').map(({ rule }) => rule);
    if (unknown().every((rule) => this.without.has(rule))) return;
    await this.attempt(async () => {
      const { data } = await ask<RulesAnswer>('/api/v1/rules');
      this.queries = queriesOf(data.groups);
      this.without = new Set(unknown());
    });
  }

  /** Keep the clock and the slow parts going. Returns a function that ends it. */
  start(): () => void {
    const fast = setInterval(() => this.tick(), 1000);
    const slow = setInterval(() => {
      if (this.link.up) void this.refreshAlerts();
    }, SLOW_MS);
    return () => {
      clearInterval(fast);
      clearInterval(slow);
    };
  }

  /** Try to refresh something; where the desk cannot answer, what is shown grows old, and its age is shown. */
  private async attempt(refresh: () => Promise<void>): Promise<void> {
    try {
      await refresh();
    } catch (cause) {
      if (!(cause instanceof AskError)) throw cause;
    }
  }

  /** Whether the desk counts other alerts than are shown, as after an event that never came. */
  private miscounted(status: Status): boolean {
    const firing = (this.alerts ?? []).filter((alert) => alert.state === 'firing').length;
    const pending = (this.alerts ?? []).filter((alert) => alert.state === 'pending').length;
    const { critical, warning, info } = status.firing;
    return firing !== critical + warning + info || pending !== status.pending;
  }

  private relink(link: Link): void {
    this.link = link;
    if (!link.up) {
      this.wasDown = true;
      return;
    }
    if (!this.wasDown) return;
    this.wasDown = false;
    this.returns += 1;
    void this.load();
  }
}

interface RulesGroup {
  rules: { type: string; name: string; query: string; labels: Labels }[];
}

interface RulesAnswer {
  data: { groups: RulesGroup[] };
}

function queriesOf(groups: readonly RulesGroup[]): ReadonlyMap<string, string> {
  const alerting = groups.flatMap(({ rules }) => rules).filter(({ type }) => type === 'alerting');
  return new Map(alerting.map(({ name, query, labels }) => [ruleKey(name, labels['severity'] ?? ''), query]));
}

function ruleKey(name: string, severity: string): string {
  return `${name}/${severity}`;
}

/** When anything was last measured: of values while there are any, else of those that should be there and are not. */
function measuredAt(vitals: Vitals): number {
  const present = vitals.vitals.filter((vital) => vital.value !== null);
  const due = present.length > 0 ? present : vitals.vitals.filter((vital) => vital.level === 'unknown');
  return due.length > 0 ? Math.max(...due.map((vital) => vital.at)) : vitals.at;
}

export const desk = new DeskState();
