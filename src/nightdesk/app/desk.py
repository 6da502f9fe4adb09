"""The desk as its faces see it: one short method a use case; what each does stands in the room that does it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from nightdesk.analytics.system.figures import SystemAnalytics
from nightdesk.app.bots.desk import BotDesk
from nightdesk.app.channels.desk import ChannelDesk
from nightdesk.app.channels.messages import Messenger
from nightdesk.app.keeping.desk import Keeping
from nightdesk.app.live.broadcast import Broadcast, Event, EventKind, Listener
from nightdesk.app.live.live_alerts import LiveAlerts
from nightdesk.app.measuring.vitals import Vitals
from nightdesk.app.performance.account import Accounts, without_settings
from nightdesk.app.performance.desk import PerformanceDesk
from nightdesk.app.query_executor import QueryExecutor
from nightdesk.app.questions import Ask, Cost, Question, answer
from nightdesk.app.raised import RaisedAlerts
from nightdesk.app.shapes.event import event_json
from nightdesk.app.standing.holdings import Holdings, without_samples
from nightdesk.app.standing.standing import Counts, Standing
from nightdesk.app.tokens import Brake, Keys
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.app.writing import DecodeText, WriteJob, acknowledged, untimely
from nightdesk.clock import Clock, Deadline
from nightdesk.collect.collector import CollectorHealth
from nightdesk.collect.host.left_out import LeftOut
from nightdesk.errors import Refused
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.instant import HOUR, SECOND
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.metric import Metadata
from nightdesk.model.notice import OutboxEntry
from nightdesk.model.series import AppendRefusal
from nightdesk.query.answer import Answer
from nightdesk.query.limits import QueryBudget
from nightdesk.rules.health import GroupHealth
from nightdesk.seams.alerts import AlertRecords, Outbox
from nightdesk.seams.samples import Budget, FlawTeller, Intake, LabelReader
from nightdesk.workers import Workers

T = TypeVar("T")
Then = Callable[[Answer], T]
"""What becomes of an answer; runs on the query thread, so that writing a wide one does not hold the loop."""
AnswerThen = Callable[[Answer, Cost, QueryBudget], T]
"""The same with what the answer took, and the budget that goes on watching while it is written."""
LabelsThen = Callable[[list[Labels], QueryBudget], T]
NamesThen = Callable[[list[str]], T]
ACKNOWLEDGE_SECONDS: Final = 30.0
"""A write that is not durable by then hears "later". It may still become durable; sending it again is safe."""


@dataclass(frozen=True, slots=True)
class Described:
    """What one source says of its metrics, by name; no target where senders or importers told it."""

    target: Labels
    metadata: Mapping[str, Metadata]


@dataclass(frozen=True, slots=True)
class Sources:
    """What the desk answers from; `app.wiring` fills it in."""

    clock: Clock
    ask: Ask
    labels: LabelReader
    intake: Intake
    decode: Callable[[bytes], WriteJob]
    decode_text: DecodeText
    alerts: AlertRecords
    outbox: Outbox
    live: Callable[[], Sequence[Alert]]
    alerts_now: Callable[[], LiveAlerts]
    raised: RaisedAlerts
    analyse: Callable[[int, int, Budget], SystemAnalytics]
    messages: Messenger
    by_rule: Callable[[], Mapping[str, Sequence[Alert]]]
    health: Callable[[], Sequence[GroupHealth]]
    collectors: Callable[[], Sequence[CollectorHealth]]
    vitals: Callable[[int], Vitals]
    standing: Callable[[Counts, Holdings], Standing]
    figures: Callable[[], bytes]
    seal: Callable[[], None]
    release: Callable[[str], None]
    reload: Callable[[], Awaitable[list[str]]]
    trading: TradingDesk
    bots: BotDesk
    channels: ChannelDesk
    keeping: Keeping
    accounts: Accounts = without_settings
    filesystems_left_out: Callable[[], Sequence[LeftOut]] = tuple
    held: Callable[[], Awaitable[Holdings]] = without_samples
    query_seconds: float = 30.0
    query_steps: int = 11_000
    flaws: FlawTeller = lambda _start, _end: ()
    """Which samples may be missing, as they were found damaged."""
    told: Callable[[], Mapping[str, Metadata]] = dict
    """What senders and importers said of metrics."""
    flags: Callable[[], Mapping[str, str]] = dict
    """What the desk goes by, in the words of Prometheus' command line."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a remote write body: all that was taken is durable."""

    accepted: int
    refused: Mapping[AppendRefusal, int]
    complaint: str = ""
    """The first refusal as a sentence, where there is one."""


class Desk:
    """Everything a face may ask for. All coroutines run on the event loop and keep blocking work away from it."""

    def __init__(
        self, sources: Sources, executor: QueryExecutor, chores: Workers, scribe: Workers, keys: Keys, brake: Brake
    ) -> None:
        """Not ready until the service says so; `chores` may touch the disk, `scribe` only ever computes."""
        self._sources, self._executor, self._chores, self._scribe = sources, executor, chores, scribe
        self._vitals: Vitals | None = None
        self._vitals_read_at = 0
        self.keys, self.brake = keys, brake
        self.broadcast = Broadcast()
        self.answers: Counter[int] = Counter()
        """Answers over HTTP by status, counted by the face."""
        self.answers_cut = 0
        """Answers of them that ended before they were whole, as their deadline passed."""
        self.ready = False
        self.listens_at = ""
        """Host and port, once the service has bound them."""
        self.trading = sources.trading
        self.bots = sources.bots
        self.channels = sources.channels
        self.keeping = sources.keeping
        self.performance = PerformanceDesk(sources.trading, sources.accounts, scribe, sources.clock)

    # ------------------------------------------------------------ ask

    def now(self) -> int:
        """Return wall time in ms."""
        return self._sources.clock.now()

    @property
    def query_seconds(self) -> float:
        """Longest time of a query."""
        return self._sources.query_seconds

    @property
    def query_steps(self) -> int:
        """Most steps of a range query."""
        return self._sources.query_steps

    async def query_instant(self, expr: str, at: int, seconds: float, then: Then[T]) -> T:
        """Answer a PromQL expression at an instant (ms). Raises what the engine and the executor raise."""
        return await self.ask(Question(expr, at, at), seconds, lambda found, *_: then(found))

    async def ask(self, question: Question, seconds: float, then: AnswerThen[T]) -> T:
        """Answer a question and say what that took. Raises what the engine and the executor raise."""
        ask, clock = self._sources.ask, self._sources.clock
        asked_at = clock.boot()
        return await self._query(lambda budget: then(*answer(ask, clock, question, asked_at, budget), budget), seconds)

    async def series(self, selectors: Sequence[Sequence[Matcher]], start: int, end: int, then: LabelsThen[T]) -> T:
        """Return the label sets that any of the selectors matches, sorted, each once."""
        labels = self._sources.labels

        def find(budget: QueryBudget) -> T:
            if len(selectors) == 1:
                return then(labels.series(selectors[0], start, end, budget), budget)
            found = {each for matchers in selectors for each in labels.series(matchers, start, end, budget)}
            return then(sorted(found), budget)

        return await self._query(find, self.query_seconds)

    async def label_names(self, start: int, end: int, then: NamesThen[T]) -> T:
        """Return all label names, sorted."""
        labels = self._sources.labels
        return await self._query(lambda budget: then(labels.label_names(start, end, budget)), self.query_seconds)

    async def label_values(self, name: str, start: int, end: int, then: NamesThen[T]) -> T:
        """Return all values of a label, sorted."""
        labels = self._sources.labels
        return await self._query(lambda budget: then(labels.label_values(name, start, end, budget)), self.query_seconds)

    def flaws(self, start: int, end: int) -> Sequence[str]:
        """Return a sentence on each day of [start, end] ms of which samples may be missing, as they were damaged."""
        return self._sources.flaws(start, end)

    async def system(self, hours: float) -> SystemAnalytics:
        """Return the figures of the system over the last hours. Raises Refused, and what a query raises."""
        analyse, now = self._sources.analyse, self.now()
        return await self._query(lambda budget: analyse(now - round(hours * HOUR), now, budget), self.query_seconds)

    def _query(self, work: Callable[[QueryBudget], T], seconds: float) -> Awaitable[T]:
        return self._executor.run(work, min(seconds, self.query_seconds))

    async def vitals(self) -> Vitals:
        """Return the ten vitals; asked again within half an interval or a second, the same answer."""
        now, known = self.now(), self._vitals
        if known is None or not 0 <= now - self._vitals_read_at < min(known.interval_ms // 2, SECOND):
            self._vitals = known = await self.chore(lambda: self._sources.vitals(now))
            self._vitals_read_at = now
        return known

    async def filesystems_left_out(self) -> Sequence[LeftOut]:
        """Return what is mounted and has no part in `disk_usage`, with the reasons."""
        return await self.chore(self._sources.filesystems_left_out)

    async def standing(self) -> Standing:
        """Return how the desk itself is doing."""
        counts = await self.aside(lambda: Counts.of(self.live_alerts()))
        return self._sources.standing(counts, await self._sources.held())

    def live_alerts(self) -> Sequence[Alert]:
        """Return what is pending or firing, highest severity first; sorts, so call it `aside`."""
        return self._sources.live()

    def alerts_now(self) -> LiveAlerts:
        """Return the same with what was not told of each, and why; call it `aside`."""
        return self._sources.alerts_now()

    async def release(self, fingerprint: str) -> Alert:
        """End an alert that is held because its data do not come back, with the next judgement of its group.

        Raises:
            Refused: no such alert lives, or it is judged on data and ends by itself.
        """
        alert = await self.aside(
            lambda: next((each for each in self.live_alerts() if each.fingerprint == fingerprint), None)
        )
        if alert is None:
            raise Refused(f"no alert that fires or is pending has the fingerprint {fingerprint!r}")
        if not alert.evidence.is_missing:
            raise Refused(f"{alert.name} is not held: its condition is judged on data, and it ends when that is over")
        self._sources.release(fingerprint)
        return alert

    @property
    def raised(self) -> RaisedAlerts:
        """The alerts that programs raise."""
        return self._sources.raised

    @property
    def messages(self) -> Messenger:
        """Messages that programs send through a channel by name."""
        return self._sources.messages

    def alerts_by_rule(self) -> Mapping[str, Sequence[Alert]]:
        """Return what each rule holds pending or firing, by the rule's key; call it `aside`."""
        return self._sources.by_rule()

    async def history(self, since: int, limit: int) -> tuple[list[Transition], list[OutboxEntry]]:
        """Return the newest changes of alerts since an instant (ms), and the newest deliveries."""
        sources = self._sources
        return await self.chore(lambda: (sources.alerts.history(since, limit), sources.outbox.entries(limit)))

    def rules(self) -> Sequence[GroupHealth]:
        """Return every rule group with how it is doing."""
        return self._sources.health()

    def collectors(self) -> Sequence[CollectorHealth]:
        """Return every source that is read on a schedule, with how it is doing."""
        return self._sources.collectors()

    def described(self) -> Sequence[Described]:
        """Return what is known of metrics beside their samples: of every target, then of senders and importers."""
        of_targets = [Described(each.target, each.metadata) for each in self.collectors() if each.metadata]
        return [*of_targets, Described(Labels(), self._sources.told())]

    @property
    def flags(self) -> Mapping[str, str]:
        """What the desk was started with, in the words of Prometheus' command line."""
        return {**self._sources.flags(), "web.listen-address": self.listens_at}

    async def figures(self) -> bytes:
        """Return the desk's own metrics in Prometheus' text format."""
        return await self.chore(self._sources.figures)

    # ----------------------------------------------------------- change

    async def write(self, body: bytes) -> Written:
        """Take a remote write body and return once it is durable.

        Raises:
            BadPayload, PayloadTooLarge: the body cannot be taken; nothing of it was stored.
            Overloaded: the queue is full, or the samples did not become durable in time: send again.
            DataFolderFull: as it says.
        """
        return await self._written(self._sources.decode(body))

    async def write_text(self, body: bytes, encoding: str, *, open_metrics: bool) -> Written:
        """Take lines of Prometheus' text format, or of OpenMetrics, packed as `encoding` says; otherwise as `write`."""
        return await self._written(self._sources.decode_text(body, encoding, self.now(), open_metrics=open_metrics))

    async def _written(self, job: WriteJob) -> Written:
        appended = await acknowledged(self._sources.intake.submit(job, job.size), ACKNOWLEDGE_SECONDS)
        refused, complaint = job.told
        if refused or appended.refused:
            refused = refused + Counter(appended.refused)
        late = untimely(appended.out_of_time) if appended.out_of_time else ""
        return Written(appended.accepted, refused, complaint or late)

    async def seal(self) -> None:
        """Make everything durable and compact."""
        await self.chore(self._sources.seal)

    async def reload(self) -> list[str]:
        """Read settings and rules again; return what of it waits for the next start, as `limits.series`.

        Raises SettingsError, RuleFileError, Unsafe; then the old ones stay.
        """
        return await self._sources.reload()

    # ------------------------------------------------------------ follow

    def follow(self) -> Listener:
        """Return a listener, who hears at once which alerts are live. Raises Overloaded when too many listen."""
        listener = self.broadcast.join()
        listener.push(Event(EventKind.ALERTS, self.now(), self.alerts_now))
        return listener

    async def written(self, event: Event) -> bytes:
        """Return the JSON of an event, made once for all who follow."""
        return await event.text.of(self.aside(lambda: event_json(event)))

    def leave(self, listener: Listener) -> None:
        """End following."""
        self.broadcast.leave(listener)

    def login_path(self) -> str:
        """Return the path of the page with a new one-time code, good for ten minutes and one login."""
        return f"/#login={self.keys.make_code()}"

    async def aside(self, work: Callable[[], T]) -> T:
        """Run work that only computes, as the JSON of a long list, off the event loop; no disk delays it."""
        return await asyncio.wrap_future(self._scribe.submit(work))

    def deadline(self) -> Deadline:
        """Return the time that a question asked now has."""
        return Deadline(self._sources.clock, self.query_seconds)

    async def chore(self, call: Callable[[], T]) -> T:
        """Run short blocking work on the one chore thread, in order."""
        return await asyncio.wrap_future(self._chores.submit(call))
