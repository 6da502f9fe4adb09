"""Rules of one shape, asked as one: alerts, recordings and errors are those of each asked alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.errors import QueryError
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.rule import AlertRule, NoData, RecordingRule, Rule, RuleGroup
from nightdesk.model.series import STALE
from nightdesk.query.answer import Answer
from nightdesk.query.engine import Engine
from nightdesk.query.language.tree import Node
from nightdesk.query.together.once import ReadOnce
from nightdesk.rules.compiled import compile_group
from nightdesk.rules.group import GroupJudge
from nightdesk.rules.health import RuleState
from nightdesk.rules.ruletest.scratch import ScratchSamples
from nightdesk.rules.stages import stages
from nightdesk.rules.together import REST
from nightdesk.seams.samples import Budget, PanelReader
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

STEP = 15 * SECOND
ROUNDS = 12
_Values = tuple[Labels, Sequence[float | None]]


class Counted:
    """An engine that counts its answers; with `alone` it refuses to ask for many as one."""

    def __init__(self, engine: Engine, *, alone: bool = False) -> None:
        self.engine, self.alone = engine, alone
        self.answers: list[int] = []

    def instant(self, expr: str | Node, at: int, budget: Budget | None = None) -> Answer:
        """Answer, and count."""
        self.answers.append(at)
        return self.engine.instant(expr, at, budget)

    def through(self, wrap: Callable[[PanelReader], PanelReader]) -> "Counted":
        """Read through another reader, or refuse."""
        if self.alone and wrap is not ReadOnce:
            raise QueryError("each alone")
        made = Counted(self.engine.through(wrap), alone=self.alone)
        made.answers = self.answers
        return made


class Bench:
    """A group judged over the same samples, as one or each alone."""

    def __init__(self, rules: Sequence[Rule], samples: Sequence[_Values], *, alone: bool) -> None:
        self.samples = ScratchSamples()
        for labels, values in samples:
            steps = ((step * STEP, value) for step, value in enumerate(values) if value is not None)
            self.samples.add(labels, steps)
        clock = ManualClock()
        self.asker = Counted(Engine(self.samples, clock, 2 * STEP, short_circuits=True), alone=alone)
        group = RuleGroup("g", tuple(rules), STEP, "t.yml", limit=2)
        self.judge = GroupJudge(compile_group(group), self.asker, self.samples, clock)

    def round(self, number: int) -> list[object]:
        """Judge once; return all there is to see, save how long it took and the order of an answer's series."""
        reports = self.judge.round(number * STEP)
        health = [replace(each, seconds=0.0) for each in self.judge.health.rules]
        live = [sorted(map(repr, standing.live)) for standing in self.judge.standings]
        if number % 3:
            self.judge.accepted()
        stored = self.samples.select((), 0, 2**62, FreeBudget())
        samples = [(series.labels, series.times.tolist(), series.values.view("u8").tolist()) for series in stored]
        return [sorted(map(repr, reports)), health, live, samples]


VALUES = st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0, float("nan"), STALE, None]), min_size=ROUNDS, max_size=ROUNDS)
SERIES = [Labels.of(name, host=host, part=part) for name in ("x", "y") for host in "abc" for part in "12"]
EXPRESSIONS = [
    'x{host="$h"} > $n', 'sum by (part) (x{host="$h"}) > $n', 'max_over_time(x{host="$h"}[45s]) > 1',
    'copy{host="$h"} > $n', 'x{host="$h"} / on (part) y{host="$h"}', 'x{host=~"$h|c"} > $n and y',
    'x{part="1", host="$h"} + on (part) y{host="$h"}',
    'label_replace(x{host="$h"}, "part", "", "host", ".*") > $n',
]  # fmt: skip


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    """Draw a group: several rules of each of a few forms, mixed."""
    found: list[Rule] = []
    for form in draw(st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=3, unique=True)):
        for host in draw(st.lists(st.sampled_from("abcd"), min_size=3, max_size=6)):
            expr = form.replace("$h", host).replace("$n", draw(st.sampled_from("012")))
            if draw(st.booleans()):
                labels = draw(st.sampled_from([(), (("of", host),), (("part", "all"),)]))
                alert = AlertRule(
                    draw(st.sampled_from("AB")), expr, draw(st.sampled_from([0, STEP, 3 * STEP])),
                    draw(st.sampled_from([0, 2 * STEP])), labels, (("text", "{{ $labels.part }} is {{ $value }}"),),
                    draw(st.sampled_from(NoData)),
                )  # fmt: skip
                found.append(alert)
            else:
                found.append(
                    RecordingRule("copy", expr, (("host", host), *draw(st.sampled_from([(), (("rule", "x"),)]))))
                )
    return draw(st.permutations(found))


@settings(max_examples=60, deadline=None)
@given(rules(), st.lists(VALUES, min_size=len(SERIES), max_size=len(SERIES)))
def test_as_one_and_alone_are_the_same(group: list[Rule], values: list[list[float | None]]) -> None:
    """Reports, standings, what is stored to the bit, errors and health, round after round."""
    samples = list(zip(SERIES, values, strict=True))
    as_one, alone = (Bench(group, samples, alone=alone) for alone in (False, True))
    for number in range(ROUNDS):
        assert as_one.round(number) == alone.round(number)


def _thresholds(count: int) -> list[Rule]:
    return [AlertRule(f"A{host}", f'x{{host="{host}"}} > 1', labels=(("n", str(host)),)) for host in range(count)]


def _hosts(count: int) -> list[_Values]:
    return [(Labels.of("x", host=str(host)), [float(host)] * 2 * REST) for host in range(count)]


def test_one_question_for_many_rules() -> None:
    """A hundred rules of one shape cost one answer a round, and each knows its share of the time."""
    bench = Bench(_thresholds(100), _hosts(100), alone=False)
    bench.round(1)
    assert len(bench.asker.answers) == 1
    assert [rule.state for rule in bench.judge.health.rules] == [RuleState.OK] * 100
    assert sum(bool(standing.live) for standing in bench.judge.standings) == 98


def test_a_rule_with_an_error_is_asked_alone_for_a_while() -> None:
    """Its error is its own and said each round; the others are asked as one again from the next round on."""
    twin = (Labels.of("x", host="3", twin="yes"), [3.0] * 2 * REST)
    expressions = [f'x{{host="{host}"}} * on (host) x{{host="{host}"}}' for host in range(10)]
    bench = Bench([RecordingRule("r", expr) for expr in expressions], [*_hosts(10), twin], alone=False)
    bench.round(1)
    assert len(bench.asker.answers) == 1 + 10
    assert [rule.state is RuleState.ERROR for rule in bench.judge.health.rules] == [host == 3 for host in range(10)]
    bench.round(2)
    assert len(bench.asker.answers) == 11 + 1 + 1
    assert "duplicate series" in bench.judge.health.rules[3].error
    for number in range(3, REST + 3):
        bench.round(number)
    assert len(bench.asker.answers) == 13 + 2 * (REST - 2) + 11 + 2


def test_a_rule_that_reads_what_another_records_comes_after_it() -> None:
    """Stages end where a rule reads what one before it records; ALERTS are recorded by every alert rule."""
    group = [
        *_thresholds(3),
        RecordingRule("r", "x"),
        RecordingRule("s", "r"),
        AlertRule("F", "ALERTS"),
        RecordingRule("t", "x"),
    ]
    found = stages(compile_group(RuleGroup("g", tuple(group), STEP, "t.yml")).rules)
    assert [each.places for each in found] == [range(4), range(4, 7)]
    anything = (*_thresholds(1), RecordingRule("any", '{host="1"}'))
    assert len(stages(compile_group(RuleGroup("g", anything, STEP, "t.yml")).rules)) == 2
