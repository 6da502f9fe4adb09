"""The bots' desk: durable before it answers, each row once, and an honest standing."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from nightdesk.app.bots.desk import BotDesk, PushTaken
from nightdesk.app.bots.standing import BotsStanding
from nightdesk.app.query_executor import ThreadQueryExecutor
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.clock import SystemClock
from nightdesk.collect.clients.roster import Roster
from nightdesk.errors import BadPayload, DataFolderFull, NewerFormat, Overloaded
from nightdesk.model.ledger import LedgerEntry, Selection, Taken
from nightdesk.query.engine import Engine
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.store.events import BotEvent, EventLog
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.intake import InlineIntake
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.samples import MemorySamples
from nightdesk.workers import Workers

NOW = 1_700_000_000_000
FILL = {
    "kind": "fill",
    "account": "main",
    "mode": "live",
    "symbol": "BTC/USD",
    "side": "buy",
    "quantity": "0.25",
    "price": "64250.10",
    "currency": "USD",
    "at": str(NOW * 1_000_000 + 7),
    "id": "T1",
    "fee": "4.02",
}
ORDER = {
    "kind": "order",
    "account": "main",
    "mode": "paper",
    "symbol": "BTC/USD",
    "side": "SELL",
    "quantity": "1",
    "at": "2023-11-14T22:13:20.000001+00:00",
    "status": "open",
    "id": "O1",
    "type": "limit",
    "limit_price": "70000",
}


class Rig:
    """A bots' desk over fakes."""

    def __init__(self, folder: Path) -> None:
        """Put it together."""
        self.clock, self.samples, self.ledger = ManualClock(NOW), MemorySamples(), MemoryLedger()
        self.intake, self.events = InlineIntake(self.samples), EventLog(folder)
        self.worker = Workers("ledger")
        self.sequence = 0

    def push(self, **told: Any) -> bytes:
        """Write a push of the bot `maker`."""
        self.sequence += 1
        plain = {"version": 1, "bot": "maker", "run": "r", "age": 1, "sequence": self.sequence}
        return json.dumps({**plain, **told}).encode()

    def take(self, **told: Any) -> PushTaken:
        """Let the desk take a push."""
        return asyncio.run(self._desk().take(self.push(**told)))

    def standing(self) -> BotsStanding:
        """Ask how bots are doing."""
        return asyncio.run(self._desk().standing())

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        asyncio.run(self.clock.advance(seconds))

    def _desk(self) -> BotDesk:
        self.roster = getattr(self, "roster", Roster())
        clock = SystemClock()
        self.executor = ThreadQueryExecutor(lambda deadline, gone: QueryBudget(Limits(), clock, gone, deadline), clock)
        engine, trading = Engine(self.samples, self.clock), TradingDesk(self.ledger, self.worker)
        return BotDesk(
            self.roster, self.intake, trading, self.events, self.executor, engine.instant, self.samples, self.clock
        )


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A bots' desk over fakes."""
    made = Rig(tmp_path)
    yield made
    made.worker.stop()


def test_rows_reach_the_ledger_exactly_as_told(rig: Rig) -> None:
    """Amounts digit for digit, instants to the nanosecond, the bot from the push and not from the row."""
    assert rig.take(entries=[{**FILL, "bot": "another"}, ORDER]) == PushTaken(1)
    [fill], [order] = rig.ledger.fills(Selection()), rig.ledger.orders(Selection())
    assert (fill.origin.portfolio.bot, fill.origin.source, fill.origin.id) == ("maker", "client", "T1")
    assert (str(fill.quantity), str(fill.price), str(fill.fee), fill.at) == (
        "0.25",
        "64250.10",
        "4.02",
        NOW * 1_000_000 + 7,
    )
    assert (order.side.value, order.kind, str(order.limit_price), order.at) == (
        "sell",
        "limit",
        "70000",
        NOW * 1_000_000 + 1_000,
    )


def test_a_row_that_comes_again_is_taken_once(rig: Rig) -> None:
    """Its acknowledgement was lost; an order that changed replaces what was known of it."""
    for status in ("open", "open", "closed"):
        rig.take(entries=[FILL, {**ORDER, "status": status}])
    assert len(rig.ledger.fills(Selection())) == 1
    assert [order.status for order in rig.ledger.orders(Selection())] == ["closed"]


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("price", "nan", "price"),
        ("price", "1e999999999", "price"),
        ("price", None, "price"),
        ("quantity", "0", "above zero"),
        ("quantity", "-1", "above zero"),
        ("side", "hold", "buy or sell"),
        ("mode", "demo", "paper"),
        ("at", "2023-11-14T22:13:20", "time zone"),
        ("at", "1700000000", "1970"),
        ("at", "soon", "time"),
        ("symbol", "", "symbol"),
        ("id", "", "id"),
        ("kind", "swap", "fill or an order"),
        ("sequence", "-3", "whole"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(rig: Rig, field: str, value: Any, word: str) -> None:
    """With its reason and its content; the rows beside it are taken, and the bot hears how many were not."""
    if field == "at" and value == "1700000000":
        value = str(5 * 10**18)
    taken = rig.take(entries=[{**FILL, field: value}, {**FILL, "id": "T2"}])
    [aside] = rig.ledger.rows_set_aside(10)
    assert taken.refused == 1
    assert word in taken.complaint == aside.reason
    assert [fill.origin.id for fill in rig.ledger.fills(Selection())] == ["T2"]


def test_a_metric_that_cannot_be_read_holds_up_no_fill(rig: Rig) -> None:
    """It is counted with its reason; the fill and the beat that came with it are kept."""
    taken = rig.take(gauges=[["error_rate", {}, 1, None]], beats=[["loop", 1, 0, 30, "", ""]], entries=[FILL])
    assert taken == PushTaken(1, metrics_refused=1, complaint="the name error_rate belongs to the desk")
    assert len(rig.ledger.fills(Selection())) == 1
    assert [beat.name for beat in rig.standing().bots[0].beats] == ["loop"]


def test_events_are_kept_once_over_restarts(rig: Rig, tmp_path: Path) -> None:
    """By their ids, newest first; a line that a crash cut off is skipped and swallows nothing."""
    first = {"id": "e1", "at": str(NOW * 1_000_000), "kind": "deploy", "text": "hé\nllo", "labels": {"rev": "abc"}}
    rig.take(events=[first])
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"id":"e2","bot":"ma')
    rig.events = EventLog(tmp_path)
    rig.take(events=[first, {**first, "id": "e3", "text": "later"}])
    for log in (rig.events, EventLog(tmp_path)):
        assert [(event.id, event.text, event.labels) for event in log.newest(10)] == [
            ("e3", "later", (("rev", "abc"),)),
            ("e1", "hé\nllo", (("rev", "abc"),)),
        ]
    assert rig.take(events=[{"id": "e4"}]).refused == 1


def test_a_file_of_events_says_its_format(tmp_path: Path) -> None:
    """In its first line; one of a newer release is refused and left as it was, one of before the line is read."""
    file, event = tmp_path / "events.jsonl", BotEvent("1", "maker", "x", "text", NOW)
    EventLog(tmp_path).append([event])
    assert file.read_bytes().splitlines()[0] == b'{"format":1}'
    file.write_bytes(file.read_bytes().split(b"\n", 1)[1])
    assert EventLog(tmp_path).newest(1) == [event]
    file.write_bytes(b'{"format":2}\n')
    with pytest.raises(NewerFormat, match="upgrade"):
        EventLog(tmp_path)
    assert file.read_bytes() == b'{"format":2}\n'


def test_a_log_of_events_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files at most, and the newest stay."""
    monkeypatch.setattr("nightdesk.store.events.MOST_BYTES", 2_000)
    log = EventLog(tmp_path)
    for number in range(200):
        log.append([BotEvent(str(number), "maker", "x", "text", NOW)])
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 4_400
    assert EventLog(tmp_path).newest(3) == log.newest(3)


@pytest.mark.parametrize("error", [DataFolderFull("no space"), Overloaded("later")])
def test_what_could_not_be_written_down_is_not_acknowledged(rig: Rig, error: Exception) -> None:
    """The bot keeps its rows and sends them again."""

    class FullLedger(MemoryLedger):
        def take(self, entries: Sequence[LedgerEntry]) -> Taken:  # noqa: ARG002 - the ledger's
            raise error

    rig.ledger = FullLedger()
    with pytest.raises(type(error)):
        rig.take(entries=[FILL])
    rig.intake.full = True
    with pytest.raises(Overloaded):
        rig.take()
    rig.intake.full = False
    with pytest.raises(BadPayload):
        asyncio.run(rig._desk().take(b"no push"))


def test_the_standing_tells_what_is_known_and_no_more(rig: Rig) -> None:
    """p50, p95, calls and errors over five minutes; a beat with its age; None for an operation without calls."""
    bounds = [0.01, 0.1, 1.0]
    for round_ in range(1, 31):
        rig.wait(10)
        rig.take(
            bounds=bounds,
            histograms=[["bot_call_duration_seconds", {"operation": "decide"}, {"1": 10 * round_}, round_, 9]],
            counters=[["bot_call_errors_total", {"operation": "decide"}, round_, 9]],
            beats=[["loop", round_, 0, 10, "decided", "12:00"]],
            dropped={"bad_name": 2},
        )
    rig.wait(25)
    [bot] = rig.standing().bots
    [decide], [loop] = bot.operations, bot.beats
    assert decide.p50 == pytest.approx(0.055, rel=0.01)
    assert decide.p95 == pytest.approx(0.0955, rel=0.01)
    assert decide.calls == pytest.approx(10 * (decide.errors or 0), rel=0.01)
    assert (loop.name, loop.age, loop.expected, loop.stage, loop.is_missed) == ("loop", 25_000, 10_000, "decided", True)
    assert bot.dropped == {"bad_name": 2.0}
    rig.wait(600)
    [bot] = rig.standing().bots
    assert [(each.p95, each.calls) for each in bot.operations] in ([], [(None, None)])


def test_calls_and_errors_are_counted_exactly(rig: Rig) -> None:
    """200 calls in a minute, seven of them failed, and 20 of before the window: 200 and 7, nothing extrapolated."""
    work = {"operation": "work"}

    def told(calls: int, errors: int) -> None:
        rig.take(
            bounds=[0.1],
            histograms=[["bot_call_duration_seconds", work, {"0": calls}, 1.0, None]],
            counters=[["bot_call_errors_total", work, errors, None]],
        )

    told(20, 1)
    rig.wait(400)
    for step in range(1, 11):
        told(20 + 20 * step, 1 + (7 if step == 10 else 0))
        rig.wait(6)
    [bot] = rig.standing().bots
    [operation] = bot.operations
    assert (operation.calls, operation.errors) == (200.0, 7.0)
