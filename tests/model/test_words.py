"""Labels, series, alerts and notices keep their laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.model.alert import Severity
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.notice import FailureReason, Notice, NoticeReason
from nightdesk.model.series import STALE, Batch, stale_mask
from nightdesk.testing.builders import an_alert

PAIRS = st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=5), max_size=6)


@given(PAIRS)
def test_labels_are_sorted_unique_and_without_empty_values(pairs: dict[str, str]) -> None:
    """The order in which pairs come in makes no difference, and an empty value is no label."""
    labels = Labels(pairs.items())
    assert labels == Labels(reversed(list(pairs.items())))
    assert hash(labels) == hash(Labels.from_mapping(pairs))
    assert labels.as_dict() == {name: pairs[name] for name in sorted(pairs) if pairs[name]}


@given(PAIRS, PAIRS)
def test_merging_lets_the_other_side_win(left: dict[str, str], right: dict[str, str]) -> None:
    """A merge is a dictionary's update, and an empty value removes."""
    merged = {name: value for name, value in {**left, **right}.items() if value}
    assert Labels.from_mapping(left).merged(right).as_dict() == merged


def test_labels_print_as_promql() -> None:
    """A label set prints as the selector that finds it."""
    labels = Labels.of("up", job="a", instance='say "hi"\n')
    assert str(labels) == 'up{instance="say \\"hi\\"\\n", job="a"}'
    assert str(Labels()) == "{}"
    assert str(Matcher("job", MatchOp.NOT_REGEX, "a.*")) == 'job!~"a.*"'


def test_labels_narrow() -> None:
    """`only`, `without` and `without_name` keep the order and drop just what they name."""
    labels = Labels.of("up", job="a", zone="b")
    assert labels.only(["job"]).as_dict() == {"job": "a"}
    assert labels.without(["job"]).as_dict() == {"__name__": "up", "zone": "b"}
    assert "__name__" not in labels.without_name()


def test_only_the_stale_marker_is_stale() -> None:
    """Other NaNs are values."""
    assert math.isnan(STALE)
    assert stale_mask(np.array([STALE, math.nan, 1.0, math.inf])).tolist() == [True, False, False, False]


def test_a_batch_refuses_shifted_rows() -> None:
    """Arrays of different lengths never become samples."""
    one, two = np.zeros(1, np.int64), np.zeros(2, np.int64)
    with pytest.raises(ValueError, match="one length"):
        Batch(one, two, np.zeros(2))


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("critical", Severity.CRITICAL),
        ("page", Severity.CRITICAL),
        ("", Severity.WARNING),
        ("odd", Severity.WARNING),
        ("<error expanding template: first of nothing>", Severity.CRITICAL),
    ],
)
def test_severity_is_never_silence(word: str, severity: Severity) -> None:
    """An unknown word of severity still wakes somebody, one that could not be written whoever a critical one would."""
    assert Severity.of(Labels([("severity", word)])) is severity


def test_an_alert_is_its_labels() -> None:
    """The fingerprint depends on labels alone, and keeps them apart."""
    assert an_alert("A", at=1).fingerprint == an_alert("A", at=2).fingerprint
    assert an_alert("A", bot="x").fingerprint != an_alert("A", bot="y").fingerprint


def test_a_notice_key_depends_on_what_it_is_about() -> None:
    """The order of transitions makes no difference to the key; channel and reason do."""
    key = Notice.key_for("mail", NoticeReason.FIRED, ("a", "b"))
    assert key == Notice.key_for("mail", NoticeReason.FIRED, ("b", "a"))
    assert key != Notice.key_for("sms", NoticeReason.FIRED, ("a", "b"))
    assert key != Notice.key_for("mail", NoticeReason.RESOLVED, ("a", "b"))


def test_final_failures_are_those_a_retry_cannot_help() -> None:
    """Everything that may pass by itself is tried again."""
    assert {reason for reason in FailureReason if reason.is_final} == {FailureReason.REFUSED, FailureReason.CONFIG}
