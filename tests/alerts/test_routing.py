"""Who is told."""

import pytest

from nightdesk.alerts.routing import Route, Router
from nightdesk.model.alert import Alert, Severity
from nightdesk.model.mute import Muted, MuteReason
from nightdesk.testing.builders import an_alert


def an_alert_of(severity: str, kind: str = "") -> Alert:
    """Build an alert of a severity."""
    return an_alert(severity=severity, kind=kind)


@pytest.mark.parametrize("severity", ["critical", "warning", "info", "page", "unheard-of"])
def test_without_routes_the_console_gets_everything(severity: str) -> None:
    """A desk without settings says everything on its console."""
    assert Router().channels_for(an_alert_of(severity)) == ("console",)


def test_every_matching_route_adds_its_channels() -> None:
    """Channels add up over routes, each once, in the order written."""
    router = Router([Route.of("console", "phone", severities=[Severity.CRITICAL]), Route.of("mail", "phone")])
    assert router.channels_for(an_alert_of("critical")) == ("console", "phone", "mail")
    assert router.channels_for(an_alert_of("warning")) == ("mail", "phone")


def test_a_match_asks_for_equal_labels() -> None:
    """All pairs of a match must be equal; an empty value asks for absence."""
    router = Router([Route.of("phone", match={"bot": "maker", "paper": ""})])
    assert router.channels_for(an_alert(bot="maker")) == ("phone",)
    assert isinstance(router.channels_for(an_alert(bot="maker", paper="yes")), Muted)
    assert isinstance(router.channels_for(an_alert(bot="taker")), Muted)


def test_no_route_is_a_mute_with_its_reason() -> None:
    """A warning that no route takes is held, and says why."""
    answer = Router([Route.of("phone", severities=[Severity.CRITICAL])]).channels_for(an_alert_of("warning"))
    assert isinstance(answer, Muted)
    assert answer.reason is MuteReason.NO_ROUTE


def test_a_critical_alert_is_never_mute() -> None:
    """A critical alert that no route takes goes to the console."""
    router = Router([Route.of("phone", severities=[Severity.INFO])])
    assert router.channels_for(an_alert_of("critical")) == ("console",)


def test_load_stays_on_this_machine() -> None:
    """A load alert reaches no phone by a general route, whatever its severity."""
    router = Router([Route.of("console", "phone")])
    assert router.channels_for(an_alert_of("critical", kind="load")) == ("console",)
    assert router.channels_for(an_alert_of("critical")) == ("console", "phone")


@pytest.mark.parametrize("match", [{"alertname": "CpuBusy"}, {"kind": "load"}])
def test_a_route_that_names_load_means_it(match: dict[str, str]) -> None:
    """By name or by kind a load alert goes where the route says."""
    router = Router([Route.of("phone", match=match)])
    assert router.channels_for(an_alert("CpuBusy", kind="load")) == ("phone",)


def test_a_route_by_another_label_does_not_name_load() -> None:
    """Matching an instance is no wish to be woken by its load."""
    router = Router([Route.of("phone", match={"instance": "box"})])
    answer = router.channels_for(an_alert("CpuBusy", kind="load", instance="box"))
    assert isinstance(answer, Muted)


@pytest.mark.parametrize("mode", ["paper", "backtest"])
def test_trading_that_moves_no_money_rings_no_phone(mode: str) -> None:
    """An alert about paper trading stays on this machine unless a route names its mode; live goes through."""
    router = Router([Route.of("console", "phone"), Route.of("phone", match={"alertname": "BeatMissed"})])
    assert router.channels_for(an_alert("BeatMissed", severity="critical", mode=mode)) == ("console",)
    assert router.kept_from(an_alert("BeatMissed", mode=mode)) == ("phone",)
    assert router.channels_for(an_alert("BeatMissed", mode="live")) == ("console", "phone")


def test_a_route_that_names_a_mode_means_it() -> None:
    """Who asks for paper is told of paper, and of no backtest."""
    router = Router([Route.of("phone", match={"mode": "paper"})])
    assert router.channels_for(an_alert(mode="paper")) == ("phone",)
    answer = router.channels_for(an_alert(mode="backtest"))
    assert isinstance(answer, Muted)
    assert answer.by == "no route takes it"


def test_load_on_paper_needs_both_names() -> None:
    """Neither name speaks for the other; why it stays is said."""
    both = an_alert("CpuBusy", kind="load", mode="paper")
    assert isinstance(Router([Route.of("phone", match={"kind": "load"})]).channels_for(both), Muted)
    answer = Router([Route.of("phone", match={"bot": ""})]).channels_for(an_alert(mode="paper"))
    assert isinstance(answer, Muted)
    assert answer.by == "paper stays on this machine"
    named = Router([Route.of("phone", match={"kind": "load", "mode": "paper"})])
    assert named.channels_for(both) == ("phone",)


def test_who_is_used_for_a_severity_can_be_told() -> None:
    """By general routes: which channels leave the machine, and whether one channel is used."""
    router = Router([Route.of("console", "phone", "mail", severities=[Severity.CRITICAL]), Route.of("console")])
    assert router.away(Severity.CRITICAL) == ("phone", "mail")
    assert router.away(Severity.INFO) == ()
    assert router.uses("phone", Severity.CRITICAL)
    assert not router.uses("phone", Severity.INFO)
    assert router.uses("console", Severity.INFO)


def test_local_channels_are_told_by_name() -> None:
    """A channel of another name may stay on this machine as well."""
    router = Router([Route.of("screen", "phone")], local=["screen"])
    assert router.channels_for(an_alert(kind="load")) == ("screen",)


def test_uncovered_severities_are_known() -> None:
    """Severities that no general route takes are listed, highest first."""
    assert Router().uncovered() == ()
    assert Router([Route.of("phone", severities=[Severity.WARNING])]).uncovered() == (Severity.CRITICAL, Severity.INFO)
    assert Router([Route.of("phone", match={"bot": "a"})]).uncovered()[0] is Severity.CRITICAL


def test_leaving_the_machine_is_known() -> None:
    """The desk can say whether a severity would reach anybody away from this machine."""
    assert not Router().leaves_machine(Severity.CRITICAL)
    assert Router([Route.of("phone", severities=[Severity.CRITICAL])]).leaves_machine(Severity.CRITICAL)
    assert not Router([Route.of("phone", severities=[Severity.CRITICAL])]).leaves_machine(Severity.WARNING)


def test_what_load_is_kept_from_can_be_told() -> None:
    """The channels that a route by severity names and that load does not reach; none once a route names load."""
    by_severity = Route.of("phone", "console", severities=[Severity.CRITICAL])
    busy = an_alert("CpuBusy", severity="critical", kind="load")
    assert Router([by_severity]).kept_from(busy) == ("phone",)
    assert Router([by_severity]).kept_from(an_alert("DiskFilling", severity="critical")) == ()
    assert Router([by_severity, Route.of("phone", match={"kind": "load"})]).kept_from(busy) == ()
