"""Samples of rules that the store does not take: the error of the rules they are of, and of no other."""

from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
import pytest

from nightdesk.errors import DataFolderFull
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.rule import AlertRule, RecordingRule, Rule, RuleGroup
from nightdesk.model.series import STALE, Appended, AppendRefusal, Batch, OutOfTime
from nightdesk.query.engine import Engine
from nightdesk.rules.compiled import compile_group
from nightdesk.rules.group import GroupJudge
from nightdesk.rules.health import RuleState
from nightdesk.rules.recorder import Recorder
from nightdesk.seams.samples import SampleWriter
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.intake import InlineIntake
from nightdesk.testing.samples import MemorySamples

START = 1_700_000_000_000
FIRES = AlertRule("Fires", "vector(1) > 0")
ONE, NONE = RecordingRule("one", "vector(1)"), RecordingRule("none", "absent_metric")
LONG = RecordingRule("too:long", f'label_replace(x, "long", "{"a" * 1500}", "", "")')


class Store(MemorySamples):
    """Samples on a disk that may be full, under a cap that series may be over."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False
        self.over: frozenset[int] = frozenset()
        self.on_append: Callable[[], object] = lambda: None

    def append(self, batch: Batch) -> Appended:
        """Leave out the series over the cap."""
        self.on_append()
        kept = np.array([ref not in self.over for ref in batch.refs.tolist()], dtype=np.bool_)
        super().append(Batch(batch.refs[kept], batch.times[kept], batch.values[kept]))
        refused = int(len(kept) - kept.sum())
        return Appended(int(kept.sum()), {AppendRefusal.SERIES_LIMIT: refused} if refused else {}, over=self.over)

    def commit(self) -> None:
        """Refuse while the disk is full, never twice in the same words."""
        super().commit()
        if self.is_full:
            raise DataFolderFull(f"no space for commit {self.commits}")


class Bench:
    """A group judged by hand over a store of its own, with `x` at the start."""

    def __init__(self, *rules: Rule) -> None:
        self.store, self.clock = Store(), ManualClock(START)
        self.store.put(Labels.of("x"), (START, 1.0))
        self.intake = InlineIntake(self.store)
        group = compile_group(RuleGroup("g", rules, 15 * SECOND, "t.yml"))
        self.judge = GroupJudge(group, Engine(self.store, self.clock), self.intake, self.clock)
        self.rounds = 0

    def round(self) -> dict[str, str]:
        """Judge once; return the errors then."""
        self.judge.round(START + self.rounds * 15 * SECOND)
        self.rounds += 1
        return self.errors()

    def errors(self) -> dict[str, str]:
        """Return what each rule has as its error."""
        rules = self.judge.health.rules
        assert all((rule.state is RuleState.ERROR) == bool(rule.error) for rule in rules)
        return {rule.rule.name: rule.error for rule in rules}

    def stored(self, name: str) -> list[int]:
        """Return the instants of a metric, in seconds since the start."""
        found = self.store.select(named(name), 0, 2**62, FreeBudget())
        return [(time - START) // SECOND for series in found for time in series.times.tolist()]


def fill_the_queue(bench: Bench, *, full: bool) -> None:
    """Take no more jobs, or take them again."""
    bench.intake.full = full


def fill_the_disk(bench: Bench, *, full: bool) -> None:
    """Commit nothing more, or go on."""
    bench.store.is_full = full


@pytest.mark.parametrize(("fill", "told"), [(fill_the_queue, "finds the queue full"), (fill_the_disk, "no space")])
def test_a_write_that_fails_is_the_error_of_its_rules(
    fill: Callable[..., None], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The rules whose samples it held have the error until a write goes well; the log says it once."""
    bench = Bench(ONE, NONE, FIRES)
    fill(bench, full=True)
    for _ in range(3):
        errors = bench.round()
        assert errors.pop("none") == ""
        assert [told in error for error in errors.values()] == [True, True]
    (record,) = caplog.records
    assert record.getMessage().startswith("samples of 2 rules are not stored, first those of t.yml;g;one: ")
    fill(bench, full=False)
    assert bench.round() == {"one": "", "none": "", "Fires": ""}


def test_only_the_rule_whose_series_was_refused_has_the_error() -> None:
    """A label that is too long is its rule's error; what the others recorded is stored and read in the same round."""
    bench = Bench(ONE, LONG, AlertRule("One", "one > 0"))
    first = bench.round()
    assert first.pop("too:long").startswith("labels out of bounds: ")
    assert first == {"one": "", "One": ""}
    bench.round()
    assert (bench.stored("too:long"), bench.stored("one"), bench.stored("ALERTS")) == ([], [0, 15], [0, 15])


def test_a_series_that_was_never_taken_needs_no_end() -> None:
    """Once a rule's answer no longer has the series that was refused, the rule is well."""
    bench = Bench(LONG)
    bench.store.put(Labels.of("x"), (START + 10 * SECOND, STALE))
    assert bench.round()["too:long"]
    assert bench.round() == {"too:long": ""}


def test_series_over_the_cap_are_the_error_of_their_rule() -> None:
    """Samples of a series that slept and found no place are refused by the batch: told of its rule alone."""
    bench = Bench(ONE, RecordingRule("two", "vector(2)"))
    bench.round()
    bench.store.over = frozenset({bench.store.reference(Labels.of("two"))})
    assert bench.round() == {"one": "", "two": "recorded samples were refused: series_limit"}


def test_a_refused_rule_never_looks_well_while_its_round_goes_on() -> None:
    """What a rule came to is told once its samples are stored, whenever somebody asks."""
    bench, seen = Bench(LONG), list[str]()
    bench.judge.round(START)
    bench.store.on_append = lambda: seen.append(bench.errors()["too:long"])
    bench.judge.round(START + 15 * SECOND)
    (during,) = seen
    assert during.startswith("labels out of bounds: ")


def test_rules_outside_the_time_that_is_kept_have_the_error() -> None:
    """Samples of one instant are all too old or none is."""
    appended = Appended(0, {AppendRefusal.TOO_OLD: 2}, OutOfTime(START, START + 1, START + 2))
    recorder = Recorder(Answering(appended))
    recorder.add(3, [(Labels.of("one"), 1.0)])
    recorder.add(5, [(Labels.of("two"), 1.0)])
    assert recorder.write(START) == dict.fromkeys((3, 5), "recorded samples were refused: too_old")
    assert recorder.write(START) == {}, "nothing is written twice"


def test_a_write_that_is_not_done_in_time_is_told() -> None:
    """A round waits for its samples within a bound."""
    recorder = Recorder(Answering(None), seconds=0.01)
    recorder.add(3, [(Labels.of("one"), 1.0)])
    assert recorder.write(START) == {3: "recorded samples were not stored within 0.01 s"}


class Answering:
    """An intake that runs each job and answers what it is told to, or never."""

    def __init__(self, answer: Appended | None) -> None:
        self._answer, self._writer = answer, MemorySamples()

    def submit(self, job: Callable[[SampleWriter], Batch], size: int) -> "Future[Appended]":  # noqa: ARG002 - the socket's
        """Run a job."""
        job(self._writer)
        future: Future[Appended] = Future()
        if self._answer is not None:
            future.set_result(self._answer)
        return future
