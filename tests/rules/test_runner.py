"""The rules thread: on time, in order, outliving every fault."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from nightdesk.clock import SystemClock
from nightdesk.errors import DataFolderFull, QuerySyntaxError
from nightdesk.model.alert import Alert, AlertState, Evidence
from nightdesk.model.instant import MINUTE, SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.rule import AlertRule, NoData, RecordingRule, RuleGroup
from nightdesk.model.series import STALE_BITS
from nightdesk.query.answer import Answer
from nightdesk.query.engine import Engine
from nightdesk.query.language.tree import Node
from nightdesk.rules.compiled import compile_group
from nightdesk.rules.health import RuleState
from nightdesk.rules.lag import Lag
from nightdesk.rules.ruletest.scratch import ScratchSamples
from nightdesk.rules.runner import RuleRunner
from nightdesk.seams.samples import Budget, PanelReader
from nightdesk.testing.alerts import MemorySink
from nightdesk.testing.builders import FreeBudget, an_alert, named
from nightdesk.testing.clock import ManualClock

START = 1_700_000_000_000
FIRES = AlertRule("Fires", "vector(1) > 0", no_data=NoData.HOLD)


class Bench:
    """A runner driven by hand."""

    def __init__(self, *groups: RuleGroup, **options: object) -> None:
        self.clock, self.samples, self.sink = ManualClock(now=START), ScratchSamples(), MemorySink()
        self.engine = Engine(self.samples, self.clock)
        self.runner = RuleRunner(groups, self.engine, self.sink, self.samples, self.clock, **options)  # type: ignore[arg-type]

    def pass_time(self, seconds: float, step: float = 0.25) -> None:
        """Take turns while time passes."""
        for _ in range(round(seconds / step)):
            self.runner.turn()
            self.clock.jump(step)
        self.runner.turn()

    def recorded(self, name: str) -> list[tuple[Labels, list[int], list[float]]]:
        """Return every series of a metric."""
        found = self.samples.select(named(name), 0, 2**62, FreeBudget())
        return [(series.labels, series.times.tolist(), series.values.tolist()) for series in found]


def a_group(*rules: AlertRule | RecordingRule, name: str = "g", interval: int = 15 * SECOND) -> RuleGroup:
    """Build a group."""
    return RuleGroup(name, rules, interval, "test.yml")


def test_rounds_fall_on_the_grid() -> None:
    """The first round comes at once, the next on multiples of the interval, whenever the desk was started."""
    bench = Bench(a_group(FIRES))
    bench.clock.jump(3.5)
    bench.pass_time(60)
    assert [at - START for at, _ in bench.sink.rounds] == [3000, 10_000, 25_000, 40_000, 55_000]
    assert all(at % (15 * SECOND) == 0 for at, _ in bench.sink.rounds[1:])


def test_missed_rounds_are_counted_and_not_caught_up() -> None:
    """After a stall the next round is the latest one; the skipped ones are counted."""
    bench = Bench(a_group(FIRES, interval=SECOND))
    bench.pass_time(3)
    rounds = len(bench.sink.rounds)
    bench.clock.jump(4.0)
    bench.runner.turn()
    assert len(bench.sink.rounds) == rounds + 1
    assert bench.runner.health()[0].missed == 3


def test_a_later_rule_sees_what_an_earlier_recorded() -> None:
    """In one round a rule reads what the rule before it recorded at that very instant."""
    group = a_group(
        RecordingRule("one", "vector(1)", (("origin", "rule"),)),
        RecordingRule("two", "one + 1"),
        AlertRule("Two", "two > 1"),
    )
    bench = Bench(group)
    bench.runner.turn()
    assert bench.recorded("two") == [(Labels.of("two", origin="rule"), [START], [2.0])]
    assert [alert.name for alert in bench.sink.live()] == ["Two"]


def test_series_that_vanish_are_ended() -> None:
    """A recorded series, and ALERTS of an alert that is over, get a stale marker."""
    bench = Bench(a_group(RecordingRule("copy", "x"), AlertRule("X", "x > 0")))
    bench.samples.add(Labels.of("x"), [(START, 1.0), (START + 10_000, float(np.uint64(STALE_BITS).view(np.float64)))])
    bench.pass_time(30)
    for name in ("copy", "ALERTS", "ALERTS_FOR_STATE"):
        ((_, times, _),) = bench.recorded(name)
        (series,) = bench.samples.select(named(name), 0, 2**62, FreeBudget())
        assert (times[0], series.values.view(np.uint64)[-1]) == (START, STALE_BITS), name


def test_the_book_that_refuses_is_asked_again() -> None:
    """While the book cannot take a report nothing is lost: beginnings and ends are offered until it can."""
    bench = Bench(a_group(AlertRule("X", "x > 0", no_data=NoData.HOLD), interval=SECOND))
    bench.samples.add(Labels.of("x"), [(START + step * SECOND, 1.0 if step < 3 else 0.0) for step in range(60)])
    bench.runner.turn()
    bench.sink.failure = DataFolderFull("no space")
    bench.pass_time(5)
    assert bench.runner.sink_error == "no space"
    assert [alert.state for alert in bench.sink.live()] == [AlertState.FIRING]
    bench.sink.failure = None
    bench.pass_time(2)
    assert [change.alert.state for change in bench.sink.transitions] == [AlertState.FIRING, AlertState.RESOLVED]
    assert bench.runner.sink_error == ""


class Broken:
    """An engine with a fault in one function."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def instant(self, expr: str | Node, at: int, budget: Budget | None = None) -> Answer:
        """Answer all but `vector`."""
        if "vector" in repr(expr):
            raise ZeroDivisionError("a fault of ours")
        return self._engine.instant(expr, at, budget)

    def through(self, wrap: Callable[[PanelReader], PanelReader]) -> "Broken":
        """Be as broken over another reader."""
        return Broken(self._engine.through(wrap))


def test_one_rule_that_fails_stops_no_other() -> None:
    """A fault of the desk in one rule is that rule's error; the rules beside it are judged."""
    bench = Bench()
    bench.samples.add(Labels.of("x"), [(START, 1.0)])
    group = a_group(FIRES, AlertRule("Other", "x > 0"), AlertRule("Many", "x / on() group_left() x > 0"))
    bench.runner = RuleRunner([group], Broken(bench.engine), bench.sink, bench.samples, bench.clock)
    bench.runner.turn()
    assert [(rule.rule.name, rule.state) for rule in bench.runner.health()[0].rules] == [
        ("Fires", RuleState.ERROR),
        ("Other", RuleState.OK),
        ("Many", RuleState.OK),
    ]
    assert "ZeroDivisionError" in bench.runner.health()[0].rules[0].error


def test_nothing_is_judged_before_fresh_data() -> None:
    """After the start the rules wait for the first collections."""
    fresh = [False]
    bench = Bench(a_group(FIRES), fresh=lambda: fresh[0])
    bench.pass_time(2)
    assert bench.sink.rounds == []
    fresh[0] = True
    bench.runner.turn()
    assert len(bench.sink.rounds) == 1


@pytest.mark.parametrize(("restored", "seconds"), [((), 3), ((an_alert("Old"),), 15)])
def test_a_collector_that_hangs_does_not_silence_the_rules(restored: Sequence[Alert], seconds: int) -> None:
    """The wait for fresh data is bounded, and short where no alert of before could be ended by absence."""
    bench = Bench(a_group(FIRES), fresh=lambda: False, restored=restored)
    bench.pass_time(seconds - 1)
    assert bench.sink.rounds == []
    bench.pass_time(2)
    assert len(bench.sink.rounds) == 1


def test_after_a_sleep_fresh_data_comes_first() -> None:
    """A machine that wakes judges nothing before the collectors had their turn; the wait is no lag."""
    fresh = [True]
    bench = Bench(a_group(FIRES), fresh=lambda: fresh[0])
    bench.pass_time(20)
    rounds = len(bench.sink.rounds)
    bench.clock.jump(3600)
    bench.pass_time(1)
    assert len(bench.sink.rounds) == rounds  # `fresh` may still be the word of before the sleep
    fresh[0] = False
    bench.pass_time(5)
    assert len(bench.sink.rounds) == rounds
    fresh[0] = True
    bench.pass_time(0.25)
    assert len(bench.sink.rounds) == rounds + 1
    assert bench.runner.lag.worst < 1.0


def test_restored_alerts_go_on() -> None:
    """A firing alert is not fired anew after a restart; a pending one keeps its beginning."""
    before = Bench(a_group(replace(FIRES, for_=MINUTE)))
    before.pass_time(30)
    after = Bench(a_group(replace(FIRES, for_=MINUTE)), restored=before.sink.live())
    after.clock.jump(30)
    after.pass_time(45)
    (alert,) = after.sink.live()
    assert (alert.active_at, alert.state) == (START, AlertState.FIRING)
    assert alert.fired_at is not None
    assert alert.fired_at - START == pytest.approx(MINUTE, abs=15 * SECOND)


def test_a_long_outage_restarts_the_clock_of_for() -> None:
    """Nobody knows what was during hours of outage: pending starts over, firing stands."""
    before = Bench(a_group(replace(FIRES, for_=MINUTE)))
    before.pass_time(30)
    after = Bench(a_group(replace(FIRES, for_=MINUTE)), restored=before.sink.live())
    after.clock.jump(3 * 3600)
    after.runner.turn()
    (alert,) = after.sink.live()
    assert (alert.active_at, alert.state) == (START + 3 * 3600 * SECOND, AlertState.PENDING)


def test_restored_alerts_of_no_rule_end() -> None:
    """An alert whose rule is no longer in the files ends, and says why."""
    stray = replace(an_alert("Gone", at=START), rule="test.yml;g;Gone")
    bench = Bench(a_group(FIRES), restored=[stray])
    bench.runner.turn()
    ended = [alert for _, reports in bench.sink.rounds for alert in reports if alert.name == "Gone"]
    assert [(alert.state, alert.evidence) for alert in ended] == [(AlertState.RESOLVED, Evidence.RULE_GONE)]


def test_two_rules_of_one_name_keep_their_own_alerts() -> None:
    """Warning and critical of one name find their own alerts again after a restart."""
    rules = [replace(FIRES, labels=(("severity", word),), for_=MINUTE) for word in ("warning", "critical")]
    before = Bench(a_group(*rules))
    before.pass_time(30)
    after = Bench(a_group(*reversed(rules)), restored=before.sink.live())
    after.runner.turn()
    assert [alert.active_at for alert in after.sink.live()] == [START, START]


def test_an_alert_of_an_older_key_goes_on() -> None:
    """An alert that was recorded when keys named no labels is taken over by the rule whose labels it bears."""
    rules = [replace(FIRES, labels=(("severity", word),)) for word in ("warning", "critical")]
    alert = replace(an_alert("Fires", at=START), labels=Labels.of(alertname="Fires", severity="critical"))
    bench = Bench(a_group(*rules), restored=[replace(alert, rule="test.yml;g;Fires")])
    bench.runner.turn()
    assert {(each.labels.get("severity"), each.rule) for each in bench.sink.live()} == {
        ("warning", "test.yml;g;Fires;severity=warning"),
        ("critical", "test.yml;g;Fires"),
    }


def test_twins_have_keys_of_their_own() -> None:
    """No two rules of a group share a key, and a key does not hang on the place of a rule."""
    warning, critical = (replace(FIRES, labels=(("severity", word),)) for word in ("warning", "critical"))
    keys = [each.key for each in compile_group(a_group(warning, critical, warning)).rules]
    assert keys == [
        "test.yml;g;Fires;severity=warning",
        "test.yml;g;Fires;severity=critical",
        "test.yml;g;Fires;severity=warning;2",
    ]


def test_a_bad_reload_keeps_the_old_rules() -> None:
    """Rules that cannot be parsed replace nothing."""
    bench = Bench(a_group(FIRES))
    with pytest.raises(QuerySyntaxError):
        bench.runner.replace([a_group(AlertRule("Bad", "up =="))])
    bench.runner.turn()
    assert [alert.name for alert in bench.sink.live()] == ["Fires"]


def test_a_reload_ends_series_of_rules_that_are_gone() -> None:
    """Series of a rule that was taken out get a stale marker; those of one that stays go on."""
    stays, goes = RecordingRule("stays", "vector(1)"), RecordingRule("goes", "vector(1)")
    bench = Bench(a_group(stays, goes))
    bench.pass_time(4)
    bench.runner.replace([a_group(stays)])
    bench.pass_time(4)
    (gone,) = bench.samples.select(named("goes"), 0, 2**62, FreeBudget())
    (here,) = bench.samples.select(named("stays"), 0, 2**62, FreeBudget())
    assert gone.values.view(np.uint64)[-1] == STALE_BITS
    assert here.values.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("seconds", "lag"),
    [([], Lag(0, 0.0, 0.0, 0.0)), ([0.5], Lag(1, 0.5, 0.5, 0.5)), ([*range(1, 101)], Lag(100, 50, 99, 100))],
)
def test_lag_is_a_nearest_rank(seconds: Sequence[float], lag: Lag) -> None:
    """Quantiles are measured values, never made up between two."""
    assert Lag.of(seconds) == lag


def test_a_query_is_cut_short_by_stopping() -> None:
    """A rule that asks for much does not keep the desk from stopping, and its alerts are held."""
    bench = Bench(a_group(FIRES, interval=SECOND))
    bench.pass_time(2)
    bench.runner.stop()
    bench.samples.add(Labels.of("x"), [(START, 1.0)])
    bench.runner.replace([a_group(FIRES, AlertRule("Reads", "x > 0"), interval=SECOND)])
    bench.runner.turn()
    assert [rule.state for rule in bench.runner.health()[0].rules][1] is RuleState.ERROR
    assert [alert.state for alert in bench.sink.live()] == [AlertState.FIRING]


def test_the_thread_judges_and_stops() -> None:
    """On real clocks the thread judges each second, most rounds hardly late, and ends when told."""
    samples, sink = ScratchSamples(), MemorySink()
    clock = SystemClock()
    runner = RuleRunner([a_group(FIRES, interval=SECOND)], Engine(samples, clock), sink, samples, clock)
    runner.start()
    deadline = time.monotonic() + 30
    while len(sink.rounds) < 3 and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    runner.stop()
    assert len(sink.rounds) >= 3
    assert not runner.alive
    assert runner.lag.p50 < 1.0
