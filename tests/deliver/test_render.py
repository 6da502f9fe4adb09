"""What people read: true, short, and harmless to whatever shows it."""

import math
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.deliver.channels.payload import payload
from nightdesk.deliver.render import ALERTS_IN_FULL, Place, body, figure, headline, lines, plain
from nightdesk.model.alert import Alert, AlertState, Evidence
from nightdesk.model.labels import Labels
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice

AT = 1_700_000_000_000  # Tue 14 Nov 2023 22:13:20 UTC
HERE = Place("desk1", zone=UTC)
TEST = Notice("key", "phone", NoticeReason.TEST, (), AT)


def breach(**changes: object) -> Alert:
    """Build a breach of a threshold."""
    labels = Labels([("alertname", "CpuBusy"), ("severity", "critical"), ("instance", "web1"), ("cpu", "all")])
    annotations = (
        ("summary", "The processors are busy."), ("description", "Strategies may lag.\nLook at `top`."),
        ("vital", "cpu_usage"), ("unit", "%"), ("threshold", "95"),
        ("runbook_url", "https://wiki.example.org/cpu"), ("owner", "Ann"),
    )  # fmt: skip
    alert = Alert(labels, annotations, AlertState.FIRING, 97.34567, AT - 300_000, AT, judged_at=AT)
    return replace(alert, **changes)  # type: ignore[arg-type]  # the test's own keywords


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (Evidence.ABSENT, "its data are gone"),
        (Evidence.ERROR, "it could not be judged any more"),
        (Evidence.RULE_GONE, "its rule is gone"),
        (Evidence.RELEASED, "a person ended it, without data that say it is over"),
    ],
)
def test_an_end_that_nobody_saw_is_no_recovery(evidence: Evidence, why: str) -> None:
    """Where data or rule are gone, or a person ended it, nothing reads like RESOLVED, and the last sight is told."""
    over = breach(state=AlertState.RESOLVED, ended_at=AT + 60_000, true_at=AT + 30_000, evidence=evidence)
    notice = a_notice(over, reason=NoticeReason.RESOLVED)
    said = f"{why}; the condition was last seen true at Tue 14 Nov 2023 22:13:50 UTC"
    assert headline(notice, HERE) == f"[ENDED] CpuBusy on web1: {said}"
    assert body(notice, HERE).startswith(f"ENDED: CpuBusy on web1\nThis is no recovery: {said}.\nwas: The processors")
    assert lines(notice, HERE)[0].startswith(f"22:13:20 ENDED CpuBusy on web1: {said} (was: ")
    assert payload(notice, HERE)["alerts"][0]["annotations"]["ended"] == said
    both = a_notice(over, replace(over, evidence=Evidence.FALSE), reason=NoticeReason.RESOLVED)
    assert headline(both, HERE).startswith("[ENDED] 2 alerts")
    assert ["ENDED" in line for line in lines(both, HERE)] == [True, False]


def test_an_end_before_the_beginning_can_be_told() -> None:
    """A wall clock that was set back while it fired keeps no message from being written."""
    over = breach(state=AlertState.RESOLVED, ended_at=AT - 10_000_000)
    assert "after 0s" in body(a_notice(over, reason=NoticeReason.RESOLVED), HERE)


def test_a_breach_is_told_whole() -> None:
    """What, where, since when, value against threshold, labels, what to do; nothing that leads nowhere."""
    assert headline(a_notice(breach()), HERE) == "[CRITICAL] CpuBusy on web1 (cpu_usage 97.35 %)"
    assert body(a_notice(breach()), HERE) == (
        "CRITICAL: CpuBusy on web1\n"
        "The processors are busy.\n"
        "Strategies may lag.\n"
        "Look at `top`.\n"
        "\n"
        "Value      cpu_usage 97.35 %\n"
        "Threshold  95 %\n"
        "Since      Tue 14 Nov 2023 22:08:20 UTC\n"
        "Fired      Tue 14 Nov 2023 22:13:20 UTC\n"
        "Labels     cpu=all, instance=web1\n"
        "owner       Ann\n"
        "What to do https://wiki.example.org/cpu\n"
        "\n"
        "On desk1: nightdesk alerts\n"
        "\n"
        "-- \n"
        "Nightdesk on desk1, Tue 14 Nov 2023 22:13:20 UTC\n"
    )
    assert lines(a_notice(breach()), HERE) == [
        "22:13:20 CRITICAL CpuBusy on web1: The processors are busy. (cpu_usage 97.35 %)"
    ]


def test_an_end_says_how_long_it_lasted() -> None:
    """A resolution names its end and its length, and calls the value the last one."""
    over = breach(state=AlertState.RESOLVED, ended_at=AT + 60_000)
    notice = a_notice(over, reason=NoticeReason.RESOLVED)
    assert headline(notice, HERE) == "[RESOLVED] CpuBusy on web1"
    text = body(notice, HERE)
    assert "Ended      Tue 14 Nov 2023 22:14:20 UTC, after 6m\n" in text
    assert "Last value cpu_usage 97.35 %\n" in text
    assert lines(notice, HERE) == ["22:13:20 RESOLVED CpuBusy on web1 (was: The processors are busy.)"]


def test_links_only_where_they_lead_somewhere() -> None:
    """Without a public address a message carries no link of ours; with one it does."""
    assert "http" not in body(a_notice(an_alert()), HERE)
    public = replace(HERE, public_url="https://desk.example.org")
    assert "Look at it: https://desk.example.org\n" in body(a_notice(an_alert()), public)


def test_times_are_the_readers_with_their_offset() -> None:
    """A reader in another zone sees the clock on the wall, and the offset that makes it exact."""
    there = replace(HERE, zone=timezone(timedelta(hours=-3, minutes=-30)))
    assert "Since      Tue 14 Nov 2023 18:38:20 -03:30\n" in body(a_notice(breach()), there)


def test_many_alerts_are_told_and_counted() -> None:
    """Several alerts share a subject; beyond twenty the rest is counted."""
    some = a_notice(*(an_alert(f"A{number % 3}", shard=str(number)) for number in range(25)))
    assert headline(some, HERE) == "[WARNING] 25 alerts: A0, A1, A2"
    assert body(some, HERE).count("\nWARNING: ") + 1 == ALERTS_IN_FULL
    assert "... and 5 more.\n" in body(some, HERE)
    assert len(lines(some, HERE)) == ALERTS_IN_FULL + 1


def test_a_test_says_so() -> None:
    """A test message frightens nobody."""
    assert headline(TEST, HERE) == "[TEST] Nightdesk on desk1 can reach you"
    assert "There is nothing to do." in body(TEST, HERE)
    assert lines(TEST, HERE) == ["22:13:20 [TEST] Nightdesk on desk1 can reach you"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (97.34567, "97.35"),
        (0.0, "0"),
        (-1234567.5, "-1,234,567.5"),
        (1e300, "1e+300"),
        (0.000012345, "1.234e-05"),
        (math.nan, "not a number"),
        (math.inf, "infinite"),
        (-math.inf, "minus infinite"),
    ],
)
def test_figures_are_short(value: float, text: str) -> None:
    """A value has the digits that a person reads."""
    assert figure(value) == text


HOSTILE = st.text(
    st.characters(exclude_categories=["Cs"]) | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF), max_size=40
)
"""All that gets past the readers: characters, and bytes that are no UTF-8."""


@given(name=HOSTILE, label=HOSTILE, value=HOSTILE, text=HOSTILE)
def test_no_text_of_a_label_can_command_a_terminal_or_end_a_header(
    name: str, label: str, value: str, text: str
) -> None:
    """Whatever stands in names, labels and annotations: no escape, no reordering, no line of its own, valid UTF-8."""
    labels = Labels([("alertname", name), (label or "x", value), ("instance", value)])
    notice = a_notice(replace(an_alert(), labels=labels, annotations=(("summary", text), (label, text))))
    for shown in (headline(notice, HERE), *lines(notice, HERE), *body(notice, HERE).split("\n")):
        assert plain(shown, 10_000) == shown
        shown.encode("utf-8")


def test_plain_cuts_and_softens() -> None:
    """Breaks become blanks, what commands goes, and the end is marked where it was cut."""
    assert plain("a\r\nb\tc\x1b[31md\u202ee\udc80") == "a  b c[31mde"
    assert plain("x" * 10, 5) == "xxxx…"
