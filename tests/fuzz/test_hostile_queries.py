"""Queries that mean harm, on a real desk: each is refused or done soon, in little memory, and nobody else waits."""

import http.client
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import pytest

from nightdesk.model.labels import Labels
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.hostile import BY_HAND, Hostile, generated
from nightdesk.testing.remote_write import WRITE_HEADERS, label_block, snappy, time_series

MOST_SECONDS = 10.0
MOST_MEGABYTES = 512
MOST_LAG = 1.0
MOST_LAG_OF_SHORT = 3.0
"""By the clock, as the long form's: the short form runs beside whatever else the machine does."""
STEP_MS = 15_000
CUT = -1
"""A wide answer whose deadline passed while it was sent: cut off, so that nobody takes it for whole."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _resident(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found, "the desk has ended"
    return int(found[1]) // 1024


@dataclass
class Watch:
    """Samples the memory of a desk and asks it small questions, from threads of its own, while it is under attack."""

    desk: DeskProcess
    megabytes: int = 0
    waits: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._weigh, self._ask)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join(60)

    def _weigh(self) -> None:
        while not self.over.wait(0.02):
            self.megabytes = max(self.megabytes, _resident(self.desk.pid))

    def _ask(self) -> None:
        while not self.over.wait(0.25):
            begun = time.monotonic()
            status, _ = self.desk.request("/api/v1/query?query=up", seconds=60)
            self.waits.append(time.monotonic() - begun)
            if status != 200:
                self.refused.append(status)


def _fill(desk: DeskProcess, series: int, hours: float) -> int:
    """Load the past of so many series; return the last instant in ms."""
    blocks = [label_block(Labels.of("load", i=f"{i:04d}", zone=f"z{i % 20:02d}")) for i in range(series)]
    last = int(time.time() * 1000) // STEP_MS * STEP_MS
    instants = range(last - int(hours * 3_600_000), last + 1, STEP_MS)
    for start in range(0, len(instants), 60):
        some = instants[start : start + 60]
        body = b"".join(
            time_series(block, [(at, (at / 1e6 + n) % 97) for at in some]) for n, block in enumerate(blocks)
        )
        assert desk.request("/api/v1/write", snappy(body), WRITE_HEADERS, seconds=60)[0] == 204
    return last


def _asked(desk: DeskProcess, query: Hostile, now: int) -> tuple[float, int, Hostile]:
    """Ask a query; return seconds, status and query; CUT where the answer ended before it was whole."""
    asked: dict[str, object] = {"query": query.expr, "time": now / 1000}
    if query.step:
        asked = {"query": query.expr, "start": now / 1000 - query.span, "end": now / 1000, "step": query.step}
    begun = time.monotonic()
    path = "/api/v1/query_range" if query.step else "/api/v1/query"
    try:
        status, _ = desk.request(path, urllib.parse.urlencode(asked).encode(), FORM, seconds=120)
    except http.client.IncompleteRead:
        status = CUT
    return time.monotonic() - begun, status, query


def _attack(
    desk: DeskProcess, queries: Sequence[Hostile], now: int, askers: int
) -> Iterator[tuple[float, int, Hostile]]:
    """Ask all, as many at once as there are askers; yield seconds, status and query in their order."""
    with ThreadPoolExecutor(askers) as asking:
        try:
            yield from asking.map(lambda query: _asked(desk, query, now), queries)
        finally:
            asking.shutdown(wait=False, cancel_futures=True)


def _lag(desk: DeskProcess) -> float:
    text = desk.request("/metrics", seconds=30)[1].decode()
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("nightdesk_rule_lag_p99"))


def _hold(folder: Path, queries: Sequence[Hostile], series: int, hours: float, askers: int, lag: float) -> None:
    """Hold a desk to its bounds of time, memory and lag while it is asked all of these."""
    with DeskProcess(folder, "--no-auth", "--interval", "1s") as desk:
        now = _fill(desk, series, hours)
        before = _resident(desk.pid)
        with Watch(desk) as watch:
            for number, (spent, status, query) in enumerate(_attack(desk, queries, now, askers), 1):
                told = (number, query.name, query.expr[:500])
                assert status in (200, 400, 413, 422, 503, CUT), (*told, status)
                assert spent <= MOST_SECONDS, (*told, spent)
                assert watch.megabytes - before <= MOST_MEGABYTES, (*told, watch.megabytes - before)
            assert number == len(queries)
        assert max(watch.waits) <= MOST_SECONDS
        if askers == 1:
            assert _lag(desk) <= lag
            assert watch.refused == []


SHORT: Final = re.compile(
    r"(parentheses|minus|abs) \d+|sum of sums|subquery of a (second|millisecond)|unclosed|closed only|braces|powers"
    r"|a giant|many matchers|literals|repeats|classes|optional|sorted|values counted$|a cross join|a join by zone"
    r"|and with all|labels that grow|absurd|at |a range of|a step of|durations"
)
"""Whatever neither a wide answer nor a deadline makes slow; those are left to the long form."""


def test_forty_nine_hostile_queries(tmp_path: Path) -> None:
    """Depth, length, regular expressions, joins and absurd times over 300 series: no question takes 10 s."""
    queries = [query for query in BY_HAND if SHORT.match(query.name)]
    assert len(queries) == 49
    _hold(tmp_path, queries, series=300, hours=0.25, askers=1, lag=MOST_LAG_OF_SHORT)


@pytest.mark.campaign
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("askers", [1, 2])
def test_a_thousand_hostile_queries(tmp_path: Path, askers: int) -> None:
    """All by hand and generated ones up to a thousand over 2,000 series x 2 hours, within time, memory and lag.

    Two askers hold both threads and take two wide answers at once: the memory is bounded all the same.
    """
    queries = [*BY_HAND, *generated(1_000 - len(BY_HAND), seed=4)]
    assert len(queries) == 1_000
    _hold(tmp_path, queries, series=2_000, hours=2, askers=askers, lag=MOST_LAG)
