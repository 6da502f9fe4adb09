"""Nights on which a channel refuses for good: what it missed is made good, and it is not flooded."""

from nightdesk.alerts.routing import Route
from nightdesk.model.instant import MINUTE, SECOND
from nightdesk.model.notice import DeliveryState
from nightdesk.rules.thresholds import Threshold, compile_thresholds
from nightdesk.testing.nights import Night
from nightdesk.testing.senders import REFUSES, TAKES

RULES = compile_thresholds([Threshold("cpu_usage", 85, None, MINUTE)], 15 * SECOND)
MAIL = [Route.of("mail", match={"alertname": "CpuBusy"})]


def a_refusing_night() -> Night:
    """A breach from 22:00 on, of which mail takes nothing."""
    night = Night(RULES, routes=MAIL)
    night.at("22:00").series('cpu_usage{instance="box"}', "90x1000").channel("mail", REFUSES)
    return night


def test_a_corrected_channel_gets_what_it_missed_at_the_next_start() -> None:
    """A message given up for a wrong setting is told once more when the desk starts with a right one."""
    night = a_refusing_night()
    night.at("22:10").channel("mail", TAKES).restart(seconds=5)
    night.play(until="22:40")
    night.expect_delivery("mail", "CpuBusy", between=("22:10", "22:11"))


def test_a_channel_that_stays_dead_gets_a_message_an_hour() -> None:
    """Three hours of a refusing channel make as many messages, each tried a few times."""
    night = a_refusing_night()
    night.play(until="01:30")
    entries = night._records.entries(100)
    assert [entry.state for entry in entries] == [DeliveryState.UNDELIVERABLE] * 4
    assert {entry.attempts for entry in entries} == {6}
