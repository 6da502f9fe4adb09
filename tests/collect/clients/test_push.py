"""What bots send is read within limits; hostile bytes are refused with a sentence, and never more than that."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.client import Client, names
from nightdesk.client.bounds import BOUNDS
from nightdesk.collect.clients import words
from nightdesk.collect.clients.job import PushJob
from nightdesk.collect.clients.push import MOST_BEATS, MOST_ENTRIES, MOST_HISTOGRAMS, MOST_VALUES, read_push
from nightdesk.collect.clients.roster import Roster
from nightdesk.errors import BadPayload, PayloadTooLarge
from nightdesk.testing.samples import MemorySamples

NOW = 1_700_000_000_000
PLAIN: dict[str, Any] = {
    "version": 1,
    "bot": "maker",
    "run": "r1",
    "place": None,
    "forked": False,
    "age": 1.0,
    "sequence": 1,
    "leaving": False,
    "stopping": None,
    "labels": {},
    "bounds": [0.1, 1.0],
    "counters": [["orders_total", {"venue": "kraken"}, 3, 0.5]],
    "gauges": [["depth", {}, -2.5, None]],
    "histograms": [["bot_call_duration_seconds", {"operation": "decide"}, {"0": 2, "2": 1}, 7.5, None]],
    "beats": [["loop", 4, 2.0, 30.0, "decided", "12:00"]],
    "ended": ["old"],
    "dropped": {"bad_name": 2},
    "entries": [{"kind": "fill"}],
    "events": [],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def body(**changed: Any) -> bytes:
    """Write a push that differs in some fields from the plain one."""
    return json.dumps({**PLAIN, **changed}).encode()


def test_what_the_client_writes_is_read() -> None:
    """The two ends of the line agree on every field."""
    bodies: list[bytes] = []

    def keep(told: bytes, _: float) -> tuple[int, bytes]:
        bodies.append(told)
        return 200, b"{}"

    client = Client(keep, bot="maker", labels={"zone": "eu"})
    client.counter("orders_total", venue="kraken").add(3)
    client.gauge("depth").set(-2.5)
    client.timer("features").observe(0.2)
    client.track("decide").observe(0.003)
    client.error("feed")
    client.beat("loop", every="30s", stage="decided", cursor=7)
    client.event("hello")
    client.order("BTC/USD", "buy", 1, id="O1")
    client.counter("bad name").add()
    assert client.flush(5)
    client.close()
    pushes = [read_push(each) for each in bodies]
    assert {push.bot for push in pushes} == {"maker"}
    assert {value.name for push in pushes for value in push.counters} == {
        "orders_total",
        "bot_errors_total",
        "bot_events_total",
        "bot_call_errors_total",
    }
    assert {each.name for push in pushes for each in push.histograms} == {
        "features_seconds",
        "bot_call_duration_seconds",
    }
    assert pushes[-1].leaving
    assert pushes[-1].labels == (("zone", "eu"),)
    assert next(beat.cursor for push in pushes for beat in push.beats) == "7"
    assert len(pushes[-1].bounds) == 61


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused(garbage: bytes) -> None:
    """What is no push is bad payload."""
    with pytest.raises((BadPayload, PayloadTooLarge)):
        read_push(garbage)


@given(st.sampled_from(sorted(PLAIN)), JSON)
def test_a_field_of_any_kind_is_read_or_refused(field: str, value: Any) -> None:
    """One field is anything at all: it can be read and stored, or the push is refused, and nothing else is raised."""
    told = json.dumps({**PLAIN, field: value}).encode()
    samples = MemorySamples()
    with contextlib.suppress(BadPayload, PayloadTooLarge):
        samples.append(PushJob(told, Roster(), NOW)(samples))


@given(st.sampled_from(["counters", "gauges", "histograms", "beats", "entries", "events"]), st.lists(JSON, max_size=6))
def test_rows_of_any_kind_are_read_or_refused(field: str, row: list[Any]) -> None:
    """The same one level down."""
    with contextlib.suppress(BadPayload, PayloadTooLarge):
        PushJob(body(**{field: [row]}), Roster(), NOW)(MemorySamples())


@pytest.mark.parametrize(
    "name", ["up", "cpu_usage", "error_rate", "bot_stopping", "nightdesk_alerts", "ALERTS", "scrape_x", "a b", "", 5]
)
def test_names_of_the_desk_are_refused(name: Any) -> None:
    """A bot cannot write a vital, an alert or a beat as a metric of its own; what came with it is taken."""
    push = read_push(body(counters=[[name, {}, 1, None], *PLAIN["counters"]]))
    assert [value.name for value in push.counters] == ["orders_total"]
    assert push.unread == 1
    assert "metric" in push.complaint or "desk" in push.complaint


@pytest.mark.parametrize("label", ["bot", "job", "instance", "process", "le", "__name__", "a-b", ""])
def test_labels_of_the_desk_are_refused(label: str) -> None:
    """A bot cannot write under another one's name."""
    push = read_push(body(counters=[["orders_total", {label: "x"}, 1, None]]))
    assert (push.counters, push.unread) == ((), 1)
    with pytest.raises(BadPayload):
        read_push(body(labels={label: "x"}))


@pytest.mark.parametrize(
    ("field", "row", "count"),
    [
        ("counters", ["a_total", {}, 1, None], MOST_VALUES),
        ("histograms", ["a_seconds", {}, {}, 0, None], MOST_HISTOGRAMS),
        ("beats", ["loop", 1, 1, 1, "", ""], MOST_BEATS),
        ("entries", {}, MOST_ENTRIES),
    ],
)
def test_more_than_a_push_may_hold_is_too_large(field: str, row: Any, count: int) -> None:
    """The bound itself is taken, one more is not."""
    read_push(body(**{field: [row] * count}))
    with pytest.raises(PayloadTooLarge):
        read_push(body(**{field: [row] * (count + 1)}))


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"bounds": [1.0, 1.0]},
        {"age": -1},
        {"bot": ""},
        {"bot": "x" * 300},
        {"sequence": "7"},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(changed: dict[str, Any]) -> None:
    """Each with a sentence that names the field."""
    with pytest.raises(BadPayload):
        read_push(body(**changed))


@pytest.mark.parametrize(
    ("field", "row"),
    [
        ("histograms", ["a_seconds", {}, {"3": 1}, 0, None]),
        ("histograms", ["a_seconds", {}, {"-1": 1}, 0, None]),
        ("counters", ["a_total", {}, -1, None]),
        ("counters", ["a_total", {}, True, None]),
        ("counters", 7),
        ("gauges", ["depth", {}, None, None]),
        ("beats", ["loop", 1, 1, 1e-9, "", ""]),
        ("beats", ["", 1, 1, 1, "", ""]),
        ("ended", 7),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_is_left_out_and_counted(field: str, row: Any) -> None:
    """All else of the push is taken: the same row would come again with each push, and hold up fills and beats."""
    push = read_push(body(**{field: [row, *PLAIN[field]]}))
    assert push.unread == 1
    assert push.complaint
    assert len(getattr(push, field)) == len(PLAIN[field])
    assert push.entries


def test_nobody_is_refused_for_having_lived_long() -> None:
    """A process of five hundred days, with a metric and a beat as old."""
    old = 500 * 86_400.0
    counters, beats = [["a_total", {}, 1, old]], [["loop", 1, old, 30.0, "", ""]]
    push = read_push(body(age=old, counters=counters, beats=beats))
    assert (push.unread, push.age, push.counters[0].age, push.beats[0].age) == (0, *[400 * 86_400.0] * 3)


def test_both_ends_of_the_line_reserve_the_same_words() -> None:
    """The client knows nothing of the desk's code, so its rules are written down twice; they never differ."""
    assert names.RESERVED_NAMES == words.RESERVED_NAMES
    assert set(names.RESERVED_STARTS) == set(words.RESERVED_STARTS)
    assert names.RESERVED_LABELS - {"__name__"} == words.GIVEN_LABELS


NAMES = (
    st.text(max_size=140)
    | st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,130}", fullmatch=True)
    | st.sampled_from(sorted(words.RESERVED_NAMES | {"__foo", "bot_x", "ALERTS", "nightdesk_x", "a" * 121, "a" * 128}))
)
VALUES = st.none() | st.floats() | st.integers() | st.text(max_size=300) | st.booleans()


@given(st.lists(NAMES, max_size=4), VALUES, st.dictionaries(NAMES, VALUES, max_size=20))
def test_whatever_the_client_takes_the_desk_takes(given_names: list[str], value: Any, labels: dict[str, Any]) -> None:
    """Names, labels, values and intervals of any kind: what the client does not count as lost, no desk refuses."""
    client = Client(None, bot=value, labels=labels)
    labels = {name: each for name, each in labels.items() if name not in ("name", "self")}
    for name in given_names:
        client.counter(name, **labels).add(value)
        client.gauge(f"{name}x", **labels).set(value)
        client.gauge(name).set(value)
        client.timer(name, **labels).observe(value)
        client.track(name).observe(value)
        client.error(name)
        client.beat(name, every=value, stage=value, cursor=value)
        client.beat(value, every=1e-9)
    client.stopping(value)
    identity = client._identity
    push = read_push(
        body(
            **client._registry.push(whole=True).body,
            bot=identity.bot,
            labels=identity.labels,
            stopping=identity.stopping,
            bounds=BOUNDS,
        )
    )
    assert (push.unread, push.complaint) == (0, "")
