"""One SMS: what fits, in which letters, and never without the code of a test."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.deliver.render import Place
from nightdesk.deliver.short import SMS_SEPTETS, fitted, in_gsm, septets, sms
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice

PLACE = Place("desk1", "https://desk.example.org")


def test_an_alert_is_its_headline() -> None:
    """Severity, name, machine and value; no link and no labels."""
    assert sms(a_notice(an_alert("HostDown", severity="critical", instance="web1")), PLACE) == (
        "[CRITICAL] HostDown on web1 (1)"
    )


def test_a_test_says_what_to_type() -> None:
    """The code survives however long the name of the machine is."""
    test = Notice("k", "phone", NoticeReason.TEST, (), 0, code="AAAA-BBBB")
    assert sms(test, PLACE) == "Nightdesk test. Confirm: nightdesk channels confirm AAAA-BBBB (on desk1)"
    long = sms(test, replace(PLACE, host="h" * 300))
    assert "confirm AAAA-BBBB" in long
    assert septets(long) <= SMS_SEPTETS


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain ASCII_@$", "plain ASCII_@$"),
        ("Überlauf größer ñ", "Überlauf größer ñ"),
        ("crêpe ﬁn ½ ≤", "crepe fin ? ?"),
        ("日本 🔥", "?? ?"),
        ("a`b", "a?b"),
    ],
)
def test_letters_that_gsm_lacks_become_the_nearest(text: str, told: str) -> None:
    """One such letter would more than halve what fits."""
    assert in_gsm(text) == told


@given(st.text(max_size=400))
def test_every_text_fits(text: str) -> None:
    """Whatever it says, it is in the alphabet and within one message; a short one is whole."""
    short = fitted(text, SMS_SEPTETS)
    assert septets(short) <= SMS_SEPTETS
    assert in_gsm(short) == short
    if septets(in_gsm(text)) <= SMS_SEPTETS:
        assert short == in_gsm(text)


def test_letters_that_take_two_count_twice() -> None:
    """Braces and the euro sign are written with an escape."""
    assert septets("{€}") == 6
    assert fitted("{" * 100, 10) == "{{{..."
