"""What a bot may give its client: everything, and nothing of it raises; what cannot be used is counted."""

import asyncio
import functools
import json
import math
import signal
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.client import Client
from nightdesk.client.beats import seconds_of
from nightdesk.client.bounds import BOUNDS, bucket_of
from nightdesk.client.registry import MOST_BEATS, MOST_HISTOGRAMS, MOST_VALUES, Registry


class Hostile:
    """An object whose every conversion fails."""

    def __str__(self) -> str:
        raise ValueError("no text")

    def __repr__(self) -> str:
        return "Hostile()"

    def __hash__(self) -> int:
        raise TypeError("no hash")

    def __float__(self) -> float:
        raise ValueError("no number")


def told(client: Client) -> dict[str, Any]:
    """Return what the client would push now."""
    return client._registry.push(whole=True).body


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=400),
    st.binary(max_size=10),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    st.builds(Hostile),
    st.just(math.nan),
)
LABELS = st.dictionaries(st.text(min_size=1, max_size=10).filter(str.isidentifier), ANYTHING, max_size=4)


@given(ANYTHING, ANYTHING, LABELS)
def test_no_call_raises_whatever_it_is_given(name: Any, value: Any, labels: dict[str, Any]) -> None:
    """Every method takes every value; what comes of it can be written as JSON."""
    client = Client(None, bot=name, labels=labels)
    labels = {key: each for key, each in labels.items() if key not in ("name", "text", "kind", "self")}
    client.counter(name, **labels).add(value)
    client.gauge(name, **labels).set(value)
    client.gauge(name).add(value)
    client.timer(name, **labels).observe(value)
    client.track(name).observe(value)
    client.track(name)(value)
    client.error(name)
    client.beat(name, every=value, stage=value, cursor=labels)
    client.end_beat(value)
    client.event(value, name, **labels)
    client.order(name, value, value, id=value, at=value, limit_price=value, filled_at=value)
    client.fill(name, value, value, value, id=value, at=value, fee=value)
    client.stopping(value)
    assert not client.flush(0)
    client.close()
    json.dumps([told(client), client._ledger.oldest(), client._events.oldest()], allow_nan=False)


@pytest.mark.parametrize("value", [math.nan, math.inf, -1, "3", None, object()])
def test_what_no_counter_can_count_is_counted_as_lost(quiet: Client, value: Any) -> None:
    """A counter never falls, and never becomes NaN; the loss is known by kind."""
    counter = quiet.counter("orders_total")
    counter.add(2)
    counter.add(value)
    assert counter.value == 2
    assert quiet.lost == {"bad_value": 1}


@pytest.mark.parametrize("step", [Fraction(1, 2), np.int64(2), np.float32(0.5), Decimal("0.1"), True, 10**400])
def test_any_kind_of_number_can_be_told(quiet: Client, step: Any) -> None:
    """What was added travels as a plain number; a total beyond all bounds holds up no other metric."""
    quiet.counter("orders_total").add(step)
    quiet.gauge("depth").add(step)
    quiet.track("work").observe(step)
    quiet.counter("other_total").add()
    body = told(quiet)
    json.dumps(body, allow_nan=False)
    assert ["other_total", {}, 1] in [row[:3] for row in body["counters"]]
    assert all(type(row[2]) is float for row in body["counters"])


def test_one_name_and_one_set_of_labels_is_one_metric(quiet: Client) -> None:
    """The order of labels does not matter, nor whether a value was text or a number."""
    quiet.counter("orders_total", venue="kraken", leg=1).add()
    quiet.counter("orders_total", leg="1", venue="kraken").add()
    assert [row[:3] for row in told(quiet)["counters"]] == [["orders_total", {"leg": "1", "venue": "kraken"}, 2]]


@pytest.mark.parametrize(
    "name", ["", "1st", "a b", "a-b", "bot_call_errors_total", "nightdesk_x", "up", "ALERTS", "x" * 129, 7]
)
def test_names_of_the_desk_and_no_names_are_refused(quiet: Client, name: Any) -> None:
    """Nothing of such a metric is told; each use of it is counted."""
    quiet.counter(name).add()
    assert told(quiet)["counters"] == []
    assert quiet.lost["bad_name"] == 1


def test_one_name_has_one_kind(quiet: Client) -> None:
    """A counter and a gauge of one name would write the same series: the second is refused."""
    quiet.counter("depth").add(5)
    quiet.gauge("depth").set(1)
    assert told(quiet)["gauges"] == []
    assert quiet.lost["bad_name"] == 1


def test_labels_of_the_desk_are_left_out_and_long_ones_cut(quiet: Client) -> None:
    """The metric stands all the same."""
    quiet.counter("orders_total", bot="other", venue="v" * 1_000, process="9").add()
    [(name, labels, *_)] = told(quiet)["counters"]
    assert (name, labels) == ("orders_total", {"venue": "v" * 200})
    assert quiet.lost == {"bad_label": 3}


def test_every_table_has_its_bound(quiet: Client) -> None:
    """A label that is different each time fills the table and no more; what finds no room is counted at each use."""
    for number in range(MOST_VALUES + 50):
        quiet.counter("orders_total", id=number).add()
    for number in range(MOST_HISTOGRAMS + 5):
        quiet.track(f"operation {number}").observe(1)
        quiet.beat(f"beat {number}")
    body = told(quiet)
    # One error counter belongs to each tracked operation: those found no room any more, and are counted as well.
    assert len(body["counters"]) == MOST_VALUES
    assert len(body["histograms"]) == MOST_HISTOGRAMS
    assert len(body["beats"]) == MOST_BEATS
    assert quiet.lost["series_limit"] >= 2 * 50


def test_bounds_are_ten_to_a_decade() -> None:
    """61 bounds from 100 microseconds to 100 seconds, each at most 28 % above the one before; a bound is inclusive."""
    assert (len(BOUNDS), BOUNDS[0], BOUNDS[-1]) == (61, 0.0001, 100.0)
    assert all(1 < high / low < 1.29 for low, high in pairwise(BOUNDS))
    assert BOUNDS[10:13] == (0.001, 0.00125, 0.0016)
    assert (bucket_of(0.0001), bucket_of(0.00011), bucket_of(100.0), bucket_of(1e9)) == (0, 1, 60, 61)


@pytest.mark.parametrize(
    ("every", "seconds"),
    [("60s", 60), ("5m", 300), ("1h30m", 5400), ("500ms", 0.5), (2, 2), (1.5, 1.5), ("45", 45), ("1d", 86_400)],
)
def test_intervals_are_read(every: Any, seconds: float) -> None:
    """As text with units, or as seconds."""
    assert seconds_of(every) == seconds


@pytest.mark.parametrize("every", ["", "soon", "5 parsecs", 0, -1, math.nan, math.inf, "8d", "m5", "1.2.3s"])
def test_what_is_no_interval_is_none(every: Any) -> None:
    """It is counted, and the interval of before stays."""
    assert seconds_of(every) is None


def test_decorators_keep_what_they_decorate(quiet: Client) -> None:
    """Results, arguments, names and exceptions pass through; errors are counted, durations always."""

    @quiet.track("divide")
    def divide(a: int, *, by: int) -> float:
        """Divide."""
        return a / by

    assert divide(6, by=3) == 2
    with pytest.raises(ZeroDivisionError):
        divide(1, by=0)
    assert (divide.__name__, divide.__doc__) == ("divide", "Divide.")
    body = told(quiet)
    assert [sum(row[2].values()) for row in body["histograms"]] == [2]
    assert [row[2] for row in body["counters"]] == [1]


def test_coroutines_are_measured_to_their_end(quiet: Client) -> None:
    """Waiting counts; a cancelled task is no error."""

    @quiet.track("wait")
    async def wait(seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "done"

    async def both() -> None:
        assert await wait(0.02) == "done"
        task = asyncio.create_task(wait(10))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(both())
    body = told(quiet)
    assert body["histograms"][0][3] > 0.02
    assert [row[2] for row in body["counters"]] == [0]


def test_generators_are_handed_back_untouched(quiet: Client) -> None:
    """What a generator takes is mostly its caller's time."""

    def numbers() -> Iterator[int]:
        yield 1

    async def later() -> Any:
        yield 1

    assert quiet.track("numbers")(numbers) is numbers
    assert quiet.timer("later")(later) is later


def test_methods_partials_and_objects_are_decorated(quiet: Client) -> None:
    """Whatever can be called is measured as what it is, a coroutine function or not."""

    class Model:
        @quiet.track("predict")
        def predict(self, x: int) -> int:
            return 2 * x

        async def __call__(self, x: int) -> int:
            return 3 * x

    async def add(a: int, b: int) -> int:
        return a + b

    assert Model().predict(2) == 4
    assert asyncio.run(quiet.track("call")(Model())(2)) == 6
    assert asyncio.run(quiet.track("partial")(functools.partial(add, 1))(2)) == 3
    assert quiet.track("built in")(len)([1]) == 1
    assert [sum(row[2].values()) for row in told(quiet)["histograms"]] == [1, 1, 1, 1]


def test_blocks_are_timed_even_nested(quiet: Client) -> None:
    """One object may be entered again before it is left."""
    timer = quiet.timer("block")
    with timer, timer:
        pass
    timer.__exit__(None, None, None)
    [(name, _, counts, *_)] = told(quiet)["histograms"]
    assert (name, sum(counts.values())) == ("block_seconds", 2)


def test_threads_lose_no_count(quiet: Client) -> None:
    """Eight threads with a short switch interval."""
    before, counter = sys.getswitchinterval(), quiet.counter("orders_total")

    def count() -> None:
        for _ in range(5_000):
            counter.add()

    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=count) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert counter.value == 40_000


def test_a_signal_handler_may_count(quiet: Client) -> None:
    """It interrupts a thread that is counting the same counter, and neither hangs nor raises."""
    counter, signals = quiet.counter("orders_total"), 0

    def handler(*_: Any) -> None:
        nonlocal signals
        signals += 1
        counter.add()
        quiet.event("signal")

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        while signals < 50:
            counter.add()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert counter.value > 50
    assert quiet.lost == {}


def test_only_what_changed_is_told_again() -> None:
    """Until it is acknowledged everything is told; afterwards what moved; asked for the whole, all of it."""
    registry = Registry()
    registry.counter("a_total", {}).add()
    registry.counter("b_total", {}).add()
    registry.beat("loop", "1s", None, None)
    first = registry.push(whole=False)
    assert [row[0] for row in registry.push(whole=False).body["counters"]] == ["a_total", "b_total"]
    registry.acknowledge(first)
    assert registry.push(whole=False).is_empty
    registry.counter("b_total", {}).add()
    [(name, _, value, age)] = registry.push(whole=False).body["counters"]
    assert (name, value, age) == ("b_total", 2, None)
    assert len(registry.push(whole=True).body["counters"]) == 2
