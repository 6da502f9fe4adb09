"""A desk over fakes, its front door, and a client that talks to it in the same process."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from nightdesk.analytics.system.figures import SystemAnalytics
from nightdesk.api.front import Front
from nightdesk.api.security import Guard, Policy
from nightdesk.api.table import TABLE
from nightdesk.app.bots.desk import BotDesk
from nightdesk.app.channels.messages import Messenger
from nightdesk.app.desk import Desk, Sources
from nightdesk.app.live.live_alerts import LiveAlerts
from nightdesk.app.measuring.vitals import CATALOGUE, Level, Vital, Vitals
from nightdesk.app.query_executor import ThreadQueryExecutor
from nightdesk.app.questions import Question
from nightdesk.app.raised import RaisedAlerts
from nightdesk.app.standing.holdings import Holdings
from nightdesk.app.standing.standing import UNCONFIRMED, Counts, Lags, Standing, State
from nightdesk.app.tokens import Brake, Keys
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.clock import SystemClock
from nightdesk.collect.clients.roster import Roster
from nightdesk.collect.collector import CollectorHealth
from nightdesk.collect.intake.remote_write import RemoteWriteDecoder, RemoteWriteJob
from nightdesk.collect.intake.text_import import TextImportJob
from nightdesk.errors import BadPayload
from nightdesk.model.alert import Alert, AlertState
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.mute import Muted
from nightdesk.model.series import Appended, Batch
from nightdesk.query.answer import Answer
from nightdesk.query.asking import Asking
from nightdesk.query.language.tree import Node
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.rules.health import GroupHealth
from nightdesk.rules.thresholds import DEFAULTS
from nightdesk.seams.samples import Budget, SampleWriter
from nightdesk.store.events import EventLog
from nightdesk.testing.alerts import MemorySink
from nightdesk.testing.builders import an_alert
from nightdesk.testing.channels import a_channel_desk
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.intake import InlineIntake
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.records import MemoryRecords
from nightdesk.testing.samples import MemorySamples
from nightdesk.workers import Workers

TOKEN = "t" * 43
AT = 1_700_000_000_000


class CalledKeeping:
    """Deletes nothing and snaps nothing: it writes down what it was asked for."""

    def __init__(self, calls: list[str]) -> None:
        self._calls = calls

    async def delete(self, selectors: Sequence[tuple[Matcher, ...]], start: int, end: int) -> None:
        """Write a deletion down."""
        told = " ".join("{" + ",".join(map(str, selector)) + "}" for selector in selectors)
        self._calls.append(f"delete {told} {start} {end}")

    async def clean_tombstones(self) -> None:
        """Write it down."""
        self._calls.append("carry out")

    async def snapshot(self) -> str:
        """Write it down and return a name."""
        self._calls.append("snapshot")
        return "20261122T120000Z-01234567"


@dataclass
class ScriptedEngine:
    """Answers what the test put in, or does what the test says."""

    answer: Answer | None = None
    does: Callable[[Budget], Answer] | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    askings: list[Asking] = field(default_factory=list)

    def __call__(self, question: Question, expr: str | Node, budget: Budget) -> Answer:
        """Note and answer."""
        instants = (question.start, question.end, question.step) if question.step else (question.start,)
        self.asked.append((expr, *instants))
        self.askings.append(question.asking)
        return self.does(budget) if self.does is not None else self.answer or vector_answer()


def _at(engine: ScriptedEngine) -> Callable[[str, int, Budget], Answer]:
    return lambda expr, at, budget: engine(Question(expr, at, at), expr, budget)


class ListedLabels:
    """A `LabelReader` over a list, which matches by equality alone."""

    def __init__(self, *known: Labels) -> None:
        """Know these series."""
        self.known = known

    def series(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Labels]:  # noqa: ARG002 - the socket's
        """Return those whose labels equal every matcher."""
        budget.check()
        return sorted(each for each in self.known if all(each.get(m.name) == m.value for m in matchers))

    def label_names(self, start: int, end: int, budget: Budget) -> list[str]:  # noqa: ARG002 - the socket's
        """Return all names."""
        budget.check()
        return sorted({name for each in self.known for name, _ in each})

    def label_values(self, name: str, start: int, end: int, budget: Budget) -> list[str]:  # noqa: ARG002 - the socket's
        """Return all values of one name."""
        budget.check()
        return sorted({each.get(name) for each in self.known if each.get(name)})


class PromptIntake:
    """An `Intake` that holds answers back until the test lets them go."""

    def __init__(self) -> None:
        """Take everything at once."""
        self.bodies = 0
        self.held: list[Future[Appended]] | None = None
        self.answer = Appended(1)
        self.error: Exception | None = None

    def submit(self, job: Callable[[SampleWriter], Batch], size: int) -> "Future[Appended]":  # noqa: ARG002 - the socket's
        """Resolve at once, or keep."""
        if self.error is not None:
            raise self.error
        self.bodies += 1
        future: Future[Appended] = Future()
        if self.held is None:
            future.set_result(self.answer)
        else:
            self.held.append(future)
        return future


def vector_answer(*rows: tuple[Labels, float]) -> Answer:
    """Build an instant vector at `AT`."""
    rows = rows or ((Labels.of("up", job="node"), 1.0),)
    return Answer(
        "vector",
        np.array([AT], dtype=np.int64),
        [labels for labels, _ in rows],
        np.array([[value] for _, value in rows], dtype=np.float64),
        np.ones((len(rows), 1), dtype=np.bool_),
    )


def decode(body: bytes) -> RemoteWriteJob:
    """Refuse what starts with "bad" before it is queued, take the rest."""
    if body.startswith(b"bad"):
        raise BadPayload("not snappy")
    return RemoteWriteDecoder()(body)


def standings_by_rule(live: Sequence[Alert]) -> dict[str, list[Alert]]:
    """Group alerts by the rule that holds them."""
    return {alert.rule: [each for each in live if each.rule == alert.rule] for alert in live}


@dataclass
class Rig:
    """A desk over fakes and the parts a test may turn."""

    engine: ScriptedEngine = field(default_factory=ScriptedEngine)
    intake: PromptIntake = field(default_factory=PromptIntake)
    labels: ListedLabels = field(
        default_factory=lambda: ListedLabels(Labels.of("up", job="node"), Labels.of("up", job="bot"))
    )
    records: MemoryRecords = field(default_factory=MemoryRecords)
    clock: ManualClock = field(default_factory=lambda: ManualClock(AT))
    live: list[Alert] = field(default_factory=lambda: [an_alert("Hot", AlertState.FIRING, AT, severity="critical")])
    groups: list[GroupHealth] = field(default_factory=list)
    held: dict[Labels, Muted] = field(default_factory=dict)
    kept_from: dict[Labels, tuple[str, ...]] = field(default_factory=dict)
    collectors: list[CollectorHealth] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)
    calls: list[str] = field(default_factory=list)
    most_body: int = 1024 * 1024
    query_steps: int = 11_000
    reload_error: Exception | None = None
    token: str = TOKEN
    at: int = AT

    def __post_init__(self) -> None:
        """Put the desk and its front door together."""
        self.keys, self.brake = Keys(TOKEN, self.clock), Brake(self.clock)
        self.chores, self.scribe = Workers("chores"), Workers("scribe")
        self.ledger = MemoryLedger()
        self.trading = TradingDesk(self.ledger, self.chores)
        self.executor = ThreadQueryExecutor(
            lambda deadline, gone: QueryBudget(Limits(), SystemClock(), gone, deadline),
            SystemClock(),
            most_waiting=1,
        )
        self.desk = Desk(self._sources(), self.executor, self.chores, self.scribe, self.keys, self.brake)
        self.desk.ready = True
        self.guard = Guard(self.policy, self.keys, self.brake)
        self.front = Front(self.desk, self.guard, TABLE, self.most_body)

    def _sources(self) -> Sources:
        return Sources(
            clock=self.clock,
            ask=self.engine,
            labels=self.labels,
            intake=self.intake,
            decode=decode,
            decode_text=TextImportJob,
            alerts=self.records,
            outbox=self.records,
            live=lambda: self.live,
            alerts_now=lambda: LiveAlerts(tuple(self.live), self.held, self.kept_from),
            by_rule=lambda: standings_by_rule(self.live),
            health=lambda: self.groups,
            collectors=lambda: self.collectors,
            vitals=self._vitals,
            standing=self._standing,
            figures=lambda: b"nightdesk_build_info 1.0\n",
            seal=lambda: self.calls.append("seal"),
            release=lambda fingerprint: self.calls.append(f"release {fingerprint}"),
            reload=self._reload,
            trading=self.trading,
            bots=self._bots(),
            channels=a_channel_desk(self.records, self.clock, self.chores),
            keeping=CalledKeeping(self.calls),
            raised=RaisedAlerts(MemorySink(), self.clock, self.chores),
            messages=Messenger(self.records, lambda: None, self.clock, self.chores, lambda: ["console"]),
            analyse=lambda start, end, _budget: SystemAnalytics(start, end),
            query_steps=self.query_steps,
        )

    def _bots(self) -> BotDesk:
        events, samples, ask = EventLog(Path("nowhere")), MemorySamples(), _at(self.engine)
        return BotDesk(Roster(), InlineIntake(samples), self.trading, events, self.executor, ask, samples, self.clock)

    async def _reload(self) -> list[str]:
        self.calls.append("reload")
        if self.reload_error is not None:
            raise self.reload_error
        return ["retention.bytes"]

    def _vitals(self, now: int) -> Vitals:
        kind = CATALOGUE[0]
        return Vitals(now, 1000, (Vital(kind.name, kind.unit, 12.5, None, now, Level.OK, DEFAULTS[0]),))

    def _standing(self, counts: Counts, held: Holdings) -> Standing:
        now, lags, told = self.clock.now(), Lags(0.001, 0.002, 0.0), (UNCONFIRMED,)
        return Standing("0.1.0", "", State.CRITICAL, now, now, "/data", 1000, 5.0, lags, 2, 10, held, counts, told)

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Return a client of the front door, as from this machine."""
        transport = httpx.ASGITransport(app=self.front, client=("127.0.0.1", 50_000))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9977", headers=headers)

    def answers(self, *rows: tuple[Labels, float]) -> None:
        """Let the engine answer an instant vector at `at`."""
        self.engine.answer = vector_answer(*rows)

    async def call(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask the front door without a client library between; return status, headers and body."""
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 9977),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        sent: list[Any] = []
        given = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Any:
            message = next(given, None)
            return message if message is not None else await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        await self.front(scope, receive, send)
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask once, on an event loop of its own."""

        async def once() -> httpx.Response:
            async with self.client() as client:
                return await client.request(method, path, **options)

        return asyncio.run(once())


@pytest.fixture
def make_rig() -> Iterator[Callable[..., Rig]]:
    """Make desks over fakes; each ends with the test."""
    made: list[Rig] = []

    def make(**parts: Any) -> Rig:
        made.append(Rig(**parts))
        return made[-1]

    yield make
    for each in made:
        each.chores.stop()
        each.scribe.stop()
        each.executor.stop()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A desk over fakes with the policy of a loopback bind."""
    return make_rig()
