"""What reaches the desk and when: one push at a time, all of it until it is acknowledged, nothing beyond its bounds."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nightdesk.client import Client
from nightdesk.client import flusher as flushing
from nightdesk.client.mailbox import MOST_ENTRIES
from nightdesk.testing.desk import wait_until


class ScriptedDesk:
    """A transport that keeps what it was told, and answers what the test says."""

    def __init__(self) -> None:
        """Take everything."""
        self.pushes: list[dict[str, Any]] = []
        self.status = 200
        self.refuses: Callable[[dict[str, Any]], bool] = lambda _: False
        self.answer: dict[str, Any] = {"place": 1, "refused": 0, "complaint": ""}
        self.does: Callable[[], object] = lambda: None
        self.at_once = 0
        self.most_at_once = 0

    def __call__(self, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Keep and answer."""
        assert 0 < seconds <= flushing.PUSH_SECONDS
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.does()
            self.pushes.append(json.loads(body))
            if self.refuses(self.pushes[-1]):
                return 400, b'{"error": "that cannot be read"}'
            return self.status, json.dumps(self.answer).encode()
        finally:
            self.at_once -= 1

    def entries(self) -> list[str]:
        """Return the ids of all rows told so far."""
        return [row["id"] for push in self.pushes for row in push["entries"]]


@pytest.fixture
def desk() -> ScriptedDesk:
    """A desk that takes everything."""
    return ScriptedDesk()


@pytest.fixture
def client(desk: ScriptedDesk) -> Iterator[Client]:
    """A client of that desk."""
    made = Client(desk, bot="maker", labels={"zone": "eu"})
    yield made
    made.close(0.1)


def refuse() -> None:
    """Do what a connection does when nobody is there."""
    raise ConnectionRefusedError


def test_a_flush_tells_everything_so_far(client: Client, desk: ScriptedDesk) -> None:
    """Totals, beats, rows and events are told when `flush` returns True."""
    client.counter("orders_total").add(3)
    client.beat("loop", every="30s", stage="decided")
    client.fill("BTC/USD", "buy", "0.25", 64250.5, currency="USD", id="T1", at=1.5)
    client.event("hello", kind="greeting")
    assert client.flush(5)
    whole = next(push for push in desk.pushes if push["entries"])
    assert whole["bot"] == "maker"
    assert whole["labels"] == {"zone": "eu"}
    assert ["orders_total", {}, 3] in [row[:3] for row in whole["counters"]]
    assert [row[:2] + row[3:5] for row in whole["beats"]] == [["loop", 1, 30.0, "decided"]]
    assert whole["entries"][0]["price"] == "64250.5"
    assert whole["entries"][0]["at"] == "1500000000"
    assert [event["text"] for event in whole["events"]] == ["hello"]


def test_what_did_not_arrive_is_told_again_once(client: Client, desk: ScriptedDesk) -> None:
    """While nobody answers rows wait, in order; when somebody does, each is told once and totals whole."""
    desk.does = refuse
    for number in range(1_200):
        client.fill("BTC/USD", "buy", 1, 1, id=str(number))
        client.counter("orders_total").add()
    assert not client.flush(0.3)
    desk.does = lambda: None
    assert client.flush(10)
    assert desk.entries() == [str(number) for number in range(1_200)]
    assert desk.pushes[0]["counters"][0][2] == 1_200
    assert client.lost == {}


def test_a_lost_acknowledgement_repeats_the_same_ids(client: Client, desk: ScriptedDesk) -> None:
    """The desk took a row and its answer was lost: the row comes again under its own id, which the ledger knows."""
    desk.status = 503
    client.fill("BTC/USD", "buy", 1, 1)
    assert not client.flush(0.3)
    desk.status = 200
    assert client.flush(5)
    assert len(set(desk.entries())) == 1
    assert len(desk.entries()) >= 2


def test_a_full_mailbox_counts_what_it_cannot_keep(client: Client, desk: ScriptedDesk) -> None:
    """The oldest rows stay: they are told when somebody listens again."""
    desk.does = refuse
    for number in range(MOST_ENTRIES + 7):
        client.fill("BTC/USD", "buy", 1, 1, id=str(number))
    assert client.lost == {"buffer_full": 7}
    desk.does = lambda: None
    assert client.flush(20)
    assert desk.entries() == [str(number) for number in range(MOST_ENTRIES)]


def test_one_refused_row_holds_up_nothing_else(client: Client, desk: ScriptedDesk) -> None:
    """All fills, metrics, beats around it arrive, each once; it is given up, and counted."""
    desk.refuses = lambda push: any(row["id"] == "777" for row in push["entries"])
    for number in range(1_200):
        client.fill("BTC/USD", "buy", 1, 1, id=str(number))
        client.counter("orders_total", number=number).add()
    client.beat("loop", every="30s")
    assert client.flush(10)
    taken = [push for push in desk.pushes if not desk.refuses(push)]
    assert [row["id"] for push in taken for row in push["entries"]] == [str(n) for n in range(1_200) if n != 777]
    assert sum(len(push["beats"]) for push in taken) >= 1
    assert len({row[1]["number"] for push in taken for row in push["counters"]}) == 1_200
    assert client.lost == {"refused": 1}


def test_a_refused_metric_is_told_no_more(client: Client, desk: ScriptedDesk) -> None:
    """A desk with other rules than this client's refuses one name: the bot's fills and beats arrive all the same."""
    desk.refuses = lambda push: any(row[0] == "depth" for row in push["gauges"])
    client.gauge("depth").set(1)
    client.counter("orders_total").add()
    client.fill("BTC/USD", "buy", 1, 1, id="T1")
    assert client.flush(5)
    pushes = len(desk.pushes)
    client.gauge("depth").set(2)
    client.counter("orders_total").add()
    assert client.flush(5)
    assert all(push["gauges"] == [] for push in desk.pushes[pushes:])
    assert client.lost == {"refused": 1}


def test_a_desk_that_refuses_everything_makes_nothing_lost(client: Client, desk: ScriptedDesk) -> None:
    """A push of nothing at all is refused too: it is not the rows, and they wait."""
    desk.status = 400
    client.fill("BTC/USD", "buy", 1, 1, id="T1")
    assert not client.flush(0.3)
    desk.status = 200
    assert client.flush(5)
    assert desk.entries()[-1] == "T1"
    assert client.lost == {}


def test_no_push_is_larger_than_a_desk_takes(client: Client, desk: ScriptedDesk) -> None:
    """A million bytes, whatever alphabet the bot writes and however many metrics it has; the goodbye is in the last."""
    for number in range(600):
        client.event("ошибка " * 500)
        client.counter("wide_total", number=number, **{f"l{at}": "v" * 195 for at in range(8)}).add()
    assert client.close(20)
    assert max(len(json.dumps(push, ensure_ascii=False).encode()) for push in desk.pushes) < 1_200_000
    assert sum(len(push["events"]) for push in desk.pushes) == 600
    told = [row for push in desk.pushes for row in push["counters"] if row[0] == "wide_total"]
    assert len({row[1]["number"] for row in told}) == 600
    assert [push["leaving"] for push in desk.pushes].index(True) == len(desk.pushes) - 1
    assert client.lost == {}


def test_what_was_never_acknowledged_is_told_as_lost(desk: ScriptedDesk, caplog: pytest.LogCaptureFixture) -> None:
    """The desk was away for the bot's whole life: counters, beats, rows and events are counted as unsent, once."""
    desk.does = refuse
    client = Client(desk, bot="alone")
    client.counter("orders_total").add()
    client.counter("idle_total")
    client.beat("loop", every="1s")
    client.fill("BTC/USD", "buy", 1, 1)
    client.event("hello")
    assert not client.close(0.2)
    # The event is counted by kind as well.
    assert client.lost == {"unsent": 5}
    assert caplog.text.count("unsent") == 1


def test_beats_that_come_and_go_have_a_bound(client: Client, desk: ScriptedDesk) -> None:
    """A beat a job, ended with it, while the desk is away: what it never heard of needs no end."""
    for number in range(3_000):
        client.beat(f"job {number}", every="1m")
        client.end_beat(f"job {number}")
    assert client.flush(5)
    assert max(len(push["ended"]) for push in desk.pushes) <= 100
    assert client.lost == {}


def test_rows_that_the_desk_sets_aside_are_counted(client: Client, desk: ScriptedDesk) -> None:
    """The desk says how many it could not read."""
    desk.answer = {"place": 2, "refused": 3, "complaint": "price is no number"}
    client.beat("loop")
    assert client.flush(5)
    assert client.lost["refused"] == 3
    client.beat("loop")
    assert client.flush(5)
    assert desk.pushes[-1]["place"] == 2


def test_a_quiet_bot_says_so_now_and_then(desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing changed, and all is told again: a desk that was restarted knows it within that time."""
    monkeypatch.setattr(flushing, "KEEP_ALIVE", 0.05)
    monkeypatch.setattr(flushing, "INTERVAL", 0.02)
    client = Client(desk, bot="quiet")
    client.counter("orders_total").add()
    wait_until(lambda: len(desk.pushes) > 3, 5, "pushes without any change")
    assert all(row[:3] == ["orders_total", {}, 1] for push in desk.pushes[1:] for row in push["counters"])
    client.close()


def test_a_desk_that_hangs_gets_one_push_at_a_time(client: Client, desk: ScriptedDesk) -> None:
    """Meanwhile calls return at once, and nothing piles up but what is bounded."""
    let_go = threading.Event()
    desk.does = lambda: let_go.wait(10)
    client.beat("loop")
    wait_until(lambda: desk.at_once == 1, 5, "a push that hangs")
    worst = 0.0
    for number in range(5_000):
        begun = time.perf_counter()
        client.counter("orders_total").add()
        client.beat("loop", cursor=number)
        client.fill("BTC/USD", "buy", 1, 1)
        worst = max(worst, time.perf_counter() - begun)
    begun = time.monotonic()
    assert not client.flush(0.2)
    assert time.monotonic() - begun < 3.0
    assert desk.most_at_once == 1
    # A busy machine may look away for long; waiting for the desk would be ten seconds.
    assert worst < 2.0
    let_go.set()
    assert client.flush(10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_replaced(client: Client, desk: ScriptedDesk) -> None:
    """The next beat starts another; nothing that was counted is lost."""
    client.counter("orders_total").add()

    def die() -> None:
        raise SystemExit

    desk.does = die
    client.beat("loop")
    thread = client._flusher
    assert thread is not None
    wait_until(lambda: not thread.is_running, 10, "the end of the thread")
    desk.does = lambda: None
    client.beat("loop")
    assert client.flush(5)
    assert desk.pushes[-1]["counters"]


def test_closing_says_goodbye_and_stays_harmless(client: Client, desk: ScriptedDesk) -> None:
    """The last push says that the process leaves; calls after it count in memory and raise nothing."""
    client.beat("loop")
    assert client.close(5)
    assert desk.pushes[-1]["leaving"] is True
    client.beat("loop")
    client.counter("orders_total").add()
    assert not client.flush(0.1)
    assert client.close() is False


def test_a_stop_is_announced_at_once_and_waits_for_nobody(client: Client, desk: ScriptedDesk) -> None:
    """An event loop goes on at once, whether a desk hangs, is away or listens; one that listens hears it next."""
    let_go = threading.Event()
    desk.does = lambda: let_go.wait(10)
    begun = time.perf_counter()
    client.stopping("weekend")
    assert time.perf_counter() - begun < 5.0  # waiting for the desk would be ten
    let_go.set()
    wait_until(lambda: desk.pushes and desk.pushes[-1]["stopping"] == "weekend", 5, "the announcement")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_pushes_for_itself(client: Client, desk: ScriptedDesk) -> None:
    """Its totals start at nothing, its run is another, and what the parent kept is the parent's to tell."""
    client.counter("orders_total").add(5)
    client.fill("BTC/USD", "buy", 1, 1, id="parent's")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            desk.pushes.clear()
            client.counter("orders_total").add(2)
            client.beat("work")
            if client.flush(5):
                os.write(write, json.dumps(desk.pushes[-1]).encode())
                code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    told = json.loads(os.read(read, 65_536))
    os.close(read)
    os.close(write)
    assert client.flush(5)
    assert told["forked"] is True
    assert told["run"] != desk.pushes[-1]["run"]
    assert [row[2] for row in told["counters"]] == [2]
    assert told["entries"] == []
    assert desk.entries() == ["parent's"]
