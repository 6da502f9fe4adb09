"""The desk in one word, and the changes that ring its bells."""

from collections.abc import Callable, Sequence

import pytest

from nightdesk.app.live.sink import TellingSink
from nightdesk.app.standing.standing import Counts, State, state_of
from nightdesk.app.telling.judge import INGEST_LATE_SECONDS, of_ingest, of_sources
from nightdesk.collect.collector import CollectFailure, CollectorHealth, Standing
from nightdesk.model.alert import Alert, AlertState, Transition
from nightdesk.model.labels import Labels
from nightdesk.testing.builders import an_alert


@pytest.mark.parametrize(
    ("counts", "judging", "state"),
    [
        (Counts(), True, State.OK),
        (Counts(info=3, pending=2), True, State.OK),
        (Counts(warning=1), True, State.WARNING),
        (Counts(warning=1, critical=1), True, State.CRITICAL),
        (Counts(), False, State.UNKNOWN),
        (Counts(warning=1), False, State.UNKNOWN),
        (Counts(critical=1), False, State.CRITICAL),
    ],
)
def test_no_judgement_is_never_ok(counts: Counts, judging: bool, state: State) -> None:
    """The worst that fires is told; where nothing is judged the state is unknown, unless something critical stands."""
    assert state_of(counts, judging=judging) is state


def test_alerts_are_counted_by_what_they_are() -> None:
    """Firing ones by severity, pending ones together, ended ones not at all."""
    alerts = [
        an_alert("A", AlertState.FIRING, severity="critical"),
        an_alert("B", AlertState.FIRING, severity="info"),
        an_alert("C", AlertState.PENDING, severity="critical"),
        an_alert("D", AlertState.RESOLVED),
    ]
    assert Counts.of(alerts) == Counts(critical=1, warning=0, info=1, pending=1)


class ScriptedSink:
    """An `AlertSink` that answers what it was given."""

    def __init__(self, answer: Sequence[Transition]) -> None:
        """Answer this."""
        self.answer = answer

    def accept(self, alerts: Sequence[Alert], at: int) -> Sequence[Transition]:  # noqa: ARG002 - the socket's
        """Answer."""
        return self.answer


def test_bells_ring_only_for_changes() -> None:
    """After the change was accepted, each bell once; a report without a change rings none."""
    rung: list[str] = []
    bells = [lambda: rung.append("courier"), lambda: rung.append("page")]
    assert TellingSink(ScriptedSink([]), bells).accept([], 5) == []
    assert rung == []
    change = Transition(an_alert(), None, 5)
    assert TellingSink(ScriptedSink([change]), bells).accept([change.alert], 5) == [change]
    assert rung == ["courier", "page"]


def test_a_bell_that_is_hung_later_rings_too() -> None:
    """The wiring adds bells after the sink was made."""
    rung: list[int] = []
    bells: list[Callable[[], None]] = []
    sink = TellingSink(ScriptedSink([Transition(an_alert(), None, 5)]), bells)
    bells.append(lambda: rung.append(1))
    sink.accept([], 5)
    assert rung == [1]


def a_source(name: str, failure: CollectFailure | None = None, detail: str = "") -> CollectorHealth:
    """Build the health of a source after one collection."""
    standing = Standing.DOWN if failure else Standing.UP
    return CollectorHealth(name, Labels.of(job=name), 15.0, standing, 5, 0.1, 0, failure, detail, 1, 0)


def test_a_source_that_fails_is_named_with_its_reason() -> None:
    """A person sees at once whether nobody listens there or the answer cannot be read; what is well is left out."""
    dead = a_source("dead http://box:1/metrics", CollectFailure.UNREACHABLE, "connection refused")
    wrong = a_source("wrong", CollectFailure.BAD_PAYLOAD, "line 3: no value")
    (one,) = of_sources([a_source("well"), dead])
    assert one.text == "1 source brings no samples: dead http://box:1/metrics (unreachable: connection refused)."
    (both,) = of_sources([dead, wrong])
    assert both.text.endswith("(unreachable: connection refused), wrong (bad_payload: line 3: no value).")
    assert list(of_sources([a_source("well")])) == []


def test_many_failing_sources_make_one_warning_of_bounded_length() -> None:
    """Three are named, long details are cut, the rest are counted."""
    (warning,) = of_sources([a_source(f"s{n}", CollectFailure.CRASHED, "word " * 500) for n in range(50)])
    assert warning.text.endswith("and 47 more.")
    assert len(warning.text) < 700


def test_samples_that_wait_long_are_told() -> None:
    """No rule could: the desk's own figures wait with them."""
    assert not list(of_ingest(INGEST_LATE_SECONDS))
    (warning,) = of_ingest(200.0)
    assert "for 200 s" in warning.text
