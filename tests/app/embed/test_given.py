"""What programs hand over is judged or refused with a sentence, never an exception of Python's, whichever the desk."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk import AlertManager, AnalyticsEngine, NightdeskError, Severity, SystemMonitor
from nightdesk.app.embed import given as read
from nightdesk.app.embed.alert_channels import EmailAlerts
from nightdesk.errors import BadLabels, Refused
from nightdesk.model.direction import Direction


@pytest.mark.parametrize(
    ("value", "threshold", "severity"),
    [
        (None, 85, Severity.WARNING),
        (91, None, Severity.WARNING),
        ("91", 85, Severity.WARNING),
        ("much", 85, Severity.WARNING),
        (object(), 85, Severity.WARNING),
        (Decimal(200), Decimal(85), Severity.CRITICAL),
        (10**400, 85, Severity.CRITICAL),
        (-(10**400), 85, Severity.INFO),
        (math.nan, 85, Severity.WARNING),
    ],
)
def test_every_value_has_a_severity(value: object, threshold: object, severity: Severity) -> None:
    """What is no number is a warning, never an exception and never silence."""
    assert AlertManager().calculate_severity(value, threshold) is severity  # type: ignore[arg-type]


@given(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.decimals(), st.binary(), st.booleans()))
def test_whatever_is_sent_is_a_breach(value: object) -> None:
    """One sentence comes of any value, with what is none called so."""
    told = AlertManager().format_alert_message("depth", value, 1)  # type: ignore[arg-type]
    assert "nan" not in told
    SystemMonitor().exceeds_threshold("cpu_usage", value)  # type: ignore[arg-type]


def test_what_is_no_number_is_called_so() -> None:
    """Neither above nor below."""
    manager = AlertManager()
    assert manager.format_alert_message("depth", math.nan, 1) == "WARNING: depth is no number; its threshold is above 1"
    assert manager.format_alert_message("depth", 2, None) == "WARNING: depth is 2; its threshold is no number"


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 0, -5, None, "soon", 10**400])
def test_a_time_to_renew_that_is_none_is_refused(seconds: object) -> None:
    """With a sentence that says what would be right."""
    manager = AlertManager()
    with pytest.raises(Refused, match="expires_after"):
        manager._breach("x", 1, 0, None, "above", seconds)  # type: ignore[arg-type]


def test_words_are_of_closed_lists() -> None:
    """A severity, a direction and a level that there is not: refused, by the words there are."""
    manager, monitor = AlertManager(), SystemMonitor()
    with pytest.raises(Refused, match="'above', 'below'"):
        manager.calculate_severity(1, 2, "sideways")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="'warning', 'critical'"):
        monitor.get_threshold("cpu_usage", "bogus")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="severity"):
        manager.should_use_channel("console", "loud")
    with pytest.raises(Refused, match="severity"):
        manager.should_use_channel("console", object())  # type: ignore[arg-type]
    assert manager.should_use_channel(manager.alert_channels["console"], "critical")
    assert not manager.should_use_channel(EmailAlerts(link=manager.link), "critical")


def test_labels_are_text_that_every_desk_takes() -> None:
    """None is no label, a member of a list its word, a lone surrogate a question mark."""
    labels = {"side": Direction.BELOW, "bot": None, "venue": "x\ud800", "rank": 3}
    assert read.labels_of(labels) == {"side": "below", "venue": "x?", "rank": "3"}
    with pytest.raises(BadLabels):
        AlertManager().format_alert_message(None, 1, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("periods", [0, -252, math.nan, math.inf, "many"])
def test_periods_that_are_none_are_refused(periods: object) -> None:
    """No figure is annualised by them."""
    with pytest.raises(NightdeskError, match="periods"):
        AnalyticsEngine().figure("sharpe_ratio", [0.1, 0.2], periods_per_year=periods)  # type: ignore[arg-type]


@pytest.mark.parametrize("hours", [0, -1, math.nan, math.inf, None, "day"])
def test_hours_that_are_none_are_refused(hours: object) -> None:
    """Before a desk is asked."""
    with pytest.raises(Refused, match="hours"):
        read.hours_of(hours)


def test_what_is_stored_is_a_number() -> None:
    """NaN by itself may be stored; text that is none is no NaN."""
    assert math.isnan(read.number_to_store(math.nan, "x"))
    assert read.number_to_store("4.5", "x") == 4.5
    with pytest.raises(Refused, match="'much'"):
        read.number_to_store("much", "x")
