"""The one judge, step by step."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.errors import QueryTimeout
from nightdesk.model.alert import Alert, AlertState, Evidence
from nightdesk.model.instant import HOUR, MINUTE, SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.rule import AlertRule, NoData
from nightdesk.query.answer import Answer
from nightdesk.rules.step import Judgement, judge

AT = 1_700_000_000_000
PENDING, FIRING, RESOLVED, DROPPED = AlertState.PENDING, AlertState.FIRING, AlertState.RESOLVED, AlertState.DROPPED
DISK = Labels.of("disk_usage", mountpoint="/")


def an_answer(*true: Labels, refused: Sequence[Labels] = (), value: float = 91.0) -> Answer:
    """Answer with these series, having looked at `refused` in vain."""
    rows = len(true)
    return Answer(
        "vector",
        np.array([AT], dtype=np.int64),
        list(true),
        np.full((rows, 1), value),
        np.ones((rows, 1), dtype=np.bool_),
        rejected=frozenset(labels.without_name() for labels in refused),
    )


def a_rule(mode: NoData = NoData.HOLD, for_: int = 0, keep: int = 0) -> AlertRule:
    """Build a rule about disks."""
    return AlertRule("DiskFilling", "disk_usage > 80", for_, keep, (("severity", "warning"),), no_data=mode)


def lived(rule: AlertRule, answers: Sequence[Answer | QueryTimeout], every: int = MINUTE) -> list[Judgement]:
    """Judge answers one after the other."""
    judgements: list[Judgement] = []
    live: tuple[Alert, ...] = ()
    for step, answer in enumerate(answers):
        judgements.append(judge(rule, answer, live, AT + step * every, key="k"))
        live = judgements[-1].live
    return judgements


def states(judgements: Sequence[Judgement]) -> list[str]:
    """Return the state of the one alert after each judgement."""
    return [",".join(alert.state.value for alert in judgement.alerts) for judgement in judgements]


TRUE, FALSE, ABSENT = an_answer(DISK), an_answer(refused=[DISK]), an_answer()
ERROR = QueryTimeout("too slow")


@pytest.mark.parametrize(
    ("mode", "answer", "state", "evidence"),
    [
        (NoData.HOLD, TRUE, FIRING, Evidence.TRUE),
        (NoData.HOLD, FALSE, RESOLVED, Evidence.FALSE),
        (NoData.HOLD, ABSENT, FIRING, Evidence.ABSENT),
        (NoData.HOLD, ERROR, FIRING, Evidence.ERROR),
        (NoData.PROMETHEUS, TRUE, FIRING, Evidence.TRUE),
        (NoData.PROMETHEUS, FALSE, RESOLVED, Evidence.FALSE),
        (NoData.PROMETHEUS, ABSENT, RESOLVED, Evidence.ABSENT),
        (NoData.PROMETHEUS, ERROR, FIRING, Evidence.ERROR),
    ],
)
def test_what_becomes_of_a_firing_alert(
    mode: NoData, answer: Answer | QueryTimeout, state: AlertState, evidence: Evidence
) -> None:
    """Each evidence has one defined outcome in each mode, and the alert says what it rests on."""
    (alert,) = lived(a_rule(mode), [TRUE, answer])[-1].alerts
    assert (alert.state, alert.evidence, alert.judged_at) == (state, evidence, AT + MINUTE)


@pytest.mark.parametrize(("answer", "state"), [(TRUE, PENDING), (FALSE, DROPPED), (ABSENT, PENDING), (ERROR, PENDING)])
def test_what_becomes_of_a_pending_alert(answer: Answer | QueryTimeout, state: AlertState) -> None:
    """Pending goes on, is dropped, or is held; it never fires without evidence."""
    (alert,) = lived(a_rule(for_=HOUR), [TRUE, answer])[-1].alerts
    assert alert.state is state


def test_for_counts_from_the_first_sight() -> None:
    """It fires with the judgement at which `for` is over, and keeps the instant it began at."""
    judgements = lived(a_rule(for_=2 * MINUTE), [TRUE] * 4)
    assert states(judgements) == ["pending", "pending", "firing", "firing"]
    (alert,) = judgements[-1].alerts
    assert (alert.active_at, alert.fired_at) == (AT, AT + 2 * MINUTE)


def test_a_break_restarts_for() -> None:
    """One judgement of false, and the clock begins anew."""
    assert states(lived(a_rule(for_=2 * MINUTE), [TRUE, TRUE, FALSE, TRUE, TRUE, TRUE])) == [
        "pending", "pending", "dropped", "pending", "pending", "firing",
    ]  # fmt: skip


def test_absence_does_not_restart_for() -> None:
    """A gap in the data is no break; it fires with the first sight after it."""
    assert states(lived(a_rule(for_=2 * MINUTE), [TRUE, ABSENT, ERROR, ABSENT, TRUE])) == [
        "pending", "pending", "pending", "pending", "firing",
    ]  # fmt: skip


def test_pending_without_data_is_dropped_in_the_end() -> None:
    """What nobody was told of is not held for ever."""
    judgements = lived(a_rule(for_=MINUTE), [TRUE, *[ABSENT] * 5], every=20 * MINUTE)
    assert states(judgements)[:5] == ["pending", "pending", "pending", "pending", "dropped"]


def test_keep_firing_for_counts_from_the_first_false() -> None:
    """It goes on firing for that long after the condition is gone; a new sight starts the count over."""
    rule = a_rule(keep=2 * MINUTE)
    assert states(lived(rule, [TRUE, FALSE, FALSE, TRUE, FALSE, FALSE, FALSE])) == [
        "firing", "firing", "firing", "firing", "firing", "firing", "resolved",
    ]  # fmt: skip


def test_an_end_is_reported_once() -> None:
    """The judgement that ends an alert has it; the next does not know it."""
    judgements = lived(a_rule(), [TRUE, FALSE, FALSE])
    assert states(judgements) == ["firing", "resolved", ""]
    assert judgements[1].alerts[0].ended_at == AT + MINUTE


def test_refused_is_told_by_subject() -> None:
    """Of two disks the one that was looked at ends; the one that is gone is held."""
    other = Labels.of("disk_usage", mountpoint="/home")
    first = judge(a_rule(), an_answer(DISK, other), (), AT)
    second = judge(a_rule(), an_answer(refused=[other]), first.live, AT + 1)
    assert {alert.labels.get("mountpoint"): alert.state for alert in second.alerts} == {"/": FIRING, "/home": RESOLVED}


def test_a_label_made_of_the_value_does_not_leave_ghosts() -> None:
    """Where a rule's label changes with the value, the alert of before has ended: its subject was looked at."""
    rule = AlertRule("A", "x > 1", labels=(("level", "{{ $value }}"),), no_data=NoData.HOLD)
    first = judge(rule, an_answer(DISK, value=1.0), (), AT)
    second = judge(rule, an_answer(DISK, value=2.0), first.live, AT + 1)
    assert sorted((alert.labels.get("level"), alert.state.value) for alert in second.alerts) == [
        ("1", "resolved"),
        ("2", "firing"),
    ]


def test_two_series_with_one_label_set_are_an_error() -> None:
    """A rule that cannot tell its alerts apart judges nothing, and says why."""
    rule = AlertRule("A", "x", labels=(("mountpoint", "same"),))
    judgement = judge(rule, an_answer(DISK, DISK.with_(mountpoint="/home")), (), AT)
    assert judgement.alerts == ()
    assert "same labelset" in judgement.error


def test_a_limit_holds_or_ends() -> None:
    """Past its limit a rule of ours holds what it has, one of Prometheus' loses it; both say so."""
    both = an_answer(DISK, DISK.with_(mountpoint="/home"))
    for mode, state in ((NoData.HOLD, FIRING), (NoData.PROMETHEUS, RESOLVED)):
        first = judge(a_rule(mode), TRUE, (), AT, limit=1)
        second = judge(a_rule(mode), both, first.live, AT + 1, limit=1)
        assert [alert.state for alert in second.alerts] == [state]
        assert second.error == "exceeded limit of 1 with 2 alerts"


@pytest.mark.parametrize("kind", ["matrix", "string"])
def test_a_rule_of_the_wrong_kind_is_an_error(kind: str) -> None:
    """An expression that is no vector judges nothing."""
    assert "instant vector" in judge(a_rule(), Answer(kind, np.array([AT])), (), AT).error


def test_samples_are_prometheus_own() -> None:
    """`ALERTS` carries the state, `ALERTS_FOR_STATE` the second since when; a failure writes neither."""
    pending, failed = lived(a_rule(for_=HOUR), [TRUE, ERROR])
    assert [(labels.name, labels.get("alertstate"), value) for labels, value in pending.samples] == [
        ("ALERTS", "pending", 1.0),
        ("ALERTS_FOR_STATE", "", AT // SECOND),
    ]
    assert failed.samples == []


@given(st.lists(st.sampled_from([TRUE, FALSE, ABSENT, ERROR]), max_size=30), st.integers(0, 5), st.integers(0, 3))
def test_holding_never_ends_without_evidence(answers: list[Answer | QueryTimeout], wait: int, keep: int) -> None:
    """Whatever comes: an alert of a holding rule ends only on `false`, and fires only on `true`."""
    for judgement in lived(a_rule(for_=wait * MINUTE, keep=keep * MINUTE), answers):
        for alert in judgement.alerts:
            if alert.state in (RESOLVED, DROPPED):
                assert alert.evidence is Evidence.FALSE
            if alert.fired_at == alert.judged_at:
                assert alert.evidence is Evidence.TRUE
                assert alert.judged_at - alert.active_at >= wait * MINUTE


@given(st.lists(st.sampled_from([TRUE, FALSE, ABSENT, ERROR]), max_size=30), st.integers(0, 4))
def test_prometheus_and_hold_agree_where_data_is(answers: list[Answer | QueryTimeout], wait: int) -> None:
    """Without absence the two modes are one state machine."""
    present = [answer for answer in answers if answer is not ABSENT]
    machines = [lived(a_rule(mode, for_=wait * MINUTE), present) for mode in NoData]
    assert states(machines[0]) == states(machines[1])
