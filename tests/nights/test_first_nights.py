"""Nights of the whole desk: what a person is told, and when."""

from collections.abc import Sequence

import pytest

from nightdesk.alerts.routing import Route
from nightdesk.model.alert import AlertState, Evidence, Severity
from nightdesk.model.instant import MINUTE, SECOND
from nightdesk.model.notice import FailureReason, NoticeReason
from nightdesk.model.rule import RuleGroup
from nightdesk.rules.forms.files import load
from nightdesk.rules.rulebook import shipped
from nightdesk.rules.thresholds import Threshold, compile_thresholds
from nightdesk.testing.nights import Night
from nightdesk.testing.senders import TAKES, Manner

BUSY = 'cpu_usage{instance="box"}'
MAIL = [Route.of("mail", match={"alertname": "CpuBusy"}), Route.of("console")]
RESOLVED = NoticeReason.RESOLVED


def busy_rules(minutes: int = 5) -> Sequence[RuleGroup]:
    """Judge the CPU every 15 s: warning at 85, critical at 95."""
    return compile_thresholds([Threshold("cpu_usage", 85, 95, minutes * MINUTE)], 15 * SECOND)


def test_a_breach_is_told_once_and_its_end_once() -> None:
    """Pending as it begins, one mail after five minutes, one when it is over; nothing in between."""
    night = Night(busy_rules(), routes=MAIL)
    night.at("22:00").series(BUSY, "10x15 90x39 10x60")
    night.play(until="22:30")
    night.expect_change("CpuBusy", AlertState.PENDING, between=("22:04", "22:05"))
    notice = night.expect_delivery("mail", "CpuBusy", between=("22:09", "22:10"))
    assert notice.alerts[0].annotation("summary") == "CPU usage on box is 90.0%, above 85 for 5m"
    night.expect_silence("mail", between=("22:10", "22:13:59"))
    night.expect_delivery("mail", "CpuBusy", between=("22:14", "22:15"), reason=RESOLVED)
    night.expect_silence("mail", between=("22:15", "22:30"))
    assert night.live() == ()


def test_a_short_breach_is_told_to_nobody() -> None:
    """What is over before `for` is over is history, not news."""
    night = Night(busy_rules(), routes=MAIL)
    night.at("22:00").series(BUSY, "10x15 94x12 10x60")
    night.play(until="22:20")
    night.expect_change("CpuBusy", AlertState.PENDING, between=("22:04", "22:06"))
    night.expect_change("CpuBusy", AlertState.DROPPED, between=("22:06", "22:09"))
    night.expect_silence("mail", between=("22:00", "22:20"))
    night.expect_silence("console", between=("22:00", "22:20"))


def test_warning_and_critical_are_one_message() -> None:
    """A value beyond both levels makes one mail, the critical one; falling back between them tells of the warning."""
    night = Night(busy_rules(), routes=MAIL)
    night.at("22:00").series(BUSY, "99x40 90x80")
    night.play(until="22:20")
    assert night.expect_delivery("mail", "CpuBusy", between=("22:05", "22:06")).severity is Severity.CRITICAL
    night.expect_delivery("mail", "CpuBusy", between=("22:10", "22:12"), reason=RESOLVED)
    assert night.expect_delivery("mail", "CpuBusy", between=("22:10", "22:12")).severity is Severity.WARNING


@pytest.mark.parametrize("gone", ["stale _x100", "_x101", "NaNx100"])
def test_no_data_is_never_well(gone: str) -> None:
    """A firing alert whose series ends, is lost or turns into NaN is held, and says so; when data is back it ends."""
    night = Night(busy_rules(), routes=MAIL)
    night.at("22:00").series(BUSY, f"90x30 {gone}")
    night.at("22:40").series(BUSY, "10x40")
    night.play(until="22:39")
    night.expect_delivery("mail", "CpuBusy", between=("22:05", "22:06"))
    night.expect_silence("mail", between=("22:06", "22:39"))
    (alert,) = night.live()
    assert (alert.state, alert.evidence) == (AlertState.FIRING, Evidence.ABSENT)
    night.play(until="22:45")
    night.expect_delivery("mail", "CpuBusy", between=("22:40", "22:42"), reason=RESOLVED)


def test_a_person_may_end_what_is_held() -> None:
    """An alert on a series that never comes back ends when a person says so; one that is seen true does not."""
    night = Night(busy_rules(1), routes=MAIL)
    night.at("22:00").series(BUSY, "90x20 stale")
    night.at("22:03").release("CpuBusy")
    night.at("22:10").release("CpuBusy")
    night.play(until="22:15")
    notice = night.expect_delivery("mail", "CpuBusy", between=("22:10", "22:10:20"), reason=RESOLVED)
    assert notice.alerts[0].evidence is Evidence.RELEASED
    assert night.live() == ()


def test_prometheus_rules_resolve_by_absence() -> None:
    """A rule in Prometheus' own form keeps Prometheus' own meaning: a series that ended resolves its alert."""
    text = "groups: [{name: g, interval: 15s, rules: [{alert: Busy, expr: cpu_usage > 85, for: 1m}]}]"
    night = Night(load(text, "prometheus.yml"))
    night.at("22:00").series(BUSY, "90x20 stale")
    night.play(until="22:10")
    night.expect_delivery("console", "Busy", between=("22:01", "22:01:30"))
    night.expect_delivery("console", "Busy", between=("22:05", "22:06"), reason=RESOLVED)


@pytest.mark.parametrize("outage", [5, 100])
def test_a_restart_in_the_middle_of_for(outage: float) -> None:
    """The clock of `for` goes on over a restart: the mail comes when it would have come."""
    night = Night(busy_rules(), routes=MAIL)
    night.at("22:00").series(BUSY, "90x100")
    night.at("22:03").restart(seconds=outage)
    night.play(until="22:15")
    night.expect_delivery("mail", "CpuBusy", between=("22:05", "22:05:20"))


def test_many_restarts_say_nothing_twice() -> None:
    """A firing alert is not told again by a desk that comes back, and its end is told to whom its beginning was."""
    night = Night(busy_rules(1), routes=MAIL)
    night.at("22:00").series(BUSY, "90x60 10x60")
    for minute in range(2, 14):
        night.at(f"22:{minute:02}").restart(seconds=7)
    night.play(until="22:25")
    night.expect_delivery("mail", "CpuBusy", between=("22:01", "22:25"))
    night.expect_delivery("mail", "CpuBusy", between=("22:15", "22:17"), reason=RESOLVED)


def test_an_end_during_an_outage_is_told() -> None:
    """What ended while the desk was down is told to be over when it is back."""
    night = Night(busy_rules(1), routes=MAIL)
    night.at("22:00").series(BUSY, "90x20 10x100")
    night.at("22:04").restart(seconds=600)
    night.play(until="22:20")
    night.expect_delivery("mail", "CpuBusy", between=("22:14", "22:14:30"), reason=RESOLVED)


def test_failing_queries_hold() -> None:
    """While queries fail nothing fires and nothing ends; a breach that lasts fires with the first good answer."""
    night = Night(busy_rules(), routes=MAIL)
    night.at("22:00").series(BUSY, "90x100")
    night.at("22:03").queries_fail()
    night.at("22:12").queries_fail(failing=False)
    night.play(until="22:20")
    night.expect_silence("mail", between=("22:00", "22:11:59"))
    night.expect_delivery("mail", "CpuBusy", between=("22:12", "22:12:16"))


def test_a_full_disk_delays_and_loses_nothing() -> None:
    """What cannot be written down while it happens is told as soon as it can be, once."""
    night = Night(busy_rules(), routes=MAIL)
    night.at("22:00").series(BUSY, "90x40 10x60")
    night.at("22:04").disk_full()
    night.at("22:08").disk_full(full=False)
    night.at("22:09").disk_full()
    night.at("22:15").disk_full(full=False)
    night.play(until="22:20")
    night.expect_delivery("mail", "CpuBusy", between=("22:08", "22:08:20"))
    night.expect_delivery("mail", "CpuBusy", between=("22:15", "22:15:20"), reason=RESOLVED)


def test_a_channel_that_is_down_gets_it_later() -> None:
    """A mail server that is away for ten minutes delays the mail, and the console has it at once."""
    night = Night(busy_rules(1), routes=[Route.of("console", "mail", match={"alertname": "CpuBusy"})])
    away = Manner(FailureReason.UNREACHABLE, detail="no route")
    night.at("22:00").series(BUSY, "90x300").channel("mail", away)
    night.at("22:10").channel("mail", TAKES)
    night.play(until="22:30")
    night.expect_delivery("console", "CpuBusy", between=("22:01", "22:02"))
    night.expect_silence("mail", between=("22:00", "22:09:59"))
    night.expect_delivery("mail", "CpuBusy", between=("22:10", "22:30"))


def test_sleep_is_no_absence() -> None:
    """A machine that slept for an hour neither fires nor resolves anything by what it did not see."""
    night = Night(busy_rules(), routes=MAIL)
    night.at("22:00").series(BUSY, "90x40")
    night.at("22:09").suspend(3600)
    night.at("23:09:15").series(BUSY, "90x40")
    night.play(until="23:15")
    night.expect_delivery("mail", "CpuBusy", between=("22:05", "22:06"))
    night.expect_silence("mail", between=("22:06", "23:15"))


@pytest.mark.parametrize("step", [-1800, 1800])
def test_a_wall_clock_that_is_set_moves_no_alert(step: int) -> None:
    """Half an hour forth or back, a breach is told after its five minutes, not at once and not half an hour late."""
    text = "{interval: 15s, desk_rules: [{name: Busy, expr: vector(1) > 0, severity: warning, for: 5m}]}"
    night = Night(load(text, "own.yml"), start="12:00")
    night.at("12:03").set_wall_clock(step)
    night.play(until="12:10")
    night.expect_delivery("console", "Busy", between=("11:35", "11:35:20") if step < 0 else ("12:35", "12:35:20"))


def test_a_rule_that_is_taken_away_ends_its_alert() -> None:
    """After a reload without its rule an alert is over, says why, and is told to be over."""
    night = Night(busy_rules(1), routes=MAIL)
    night.at("22:00").series(BUSY, "90x100")
    night.at("22:05").rules(shipped(15 * SECOND))
    night.play(until="22:10")
    notice = night.expect_delivery("mail", "CpuBusy", between=("22:05", "22:05:20"), reason=RESOLVED)
    assert notice.alerts[0].evidence is Evidence.RULE_GONE


def test_a_reload_of_the_same_rules_changes_nothing() -> None:
    """Reloading what is there already, or with other texts, neither restarts clocks nor tells anything twice."""
    night = Night(busy_rules(), routes=MAIL)
    night.at("22:00").series(BUSY, "90x100")
    night.at("22:02").rules(busy_rules())
    night.at("22:03").rules([*busy_rules(), *shipped(15 * SECOND)])
    night.at("22:07").rules(busy_rules())
    night.play(until="22:15")
    night.expect_delivery("mail", "CpuBusy", between=("22:05", "22:05:20"))


def test_load_wakes_nobody() -> None:
    """A machine that is merely busy tells its console alone, whatever the general route says."""
    night = Night(busy_rules(), routes=[Route.of("console", "phone", "mail")])
    night.at("22:00").series(BUSY, "99x60")
    night.play(until="22:15")
    night.expect_delivery("console", "CpuBusy", between=("22:05", "22:06"))
    night.expect_silence("phone", between=("22:00", "22:15"))
    night.expect_silence("mail", between=("22:00", "22:15"))
