"""Writes what is known of bots again and again, so that rules see a dead bot's last sign of life."""

from typing import Final

from nightdesk.collect.clients.roster import Roster
from nightdesk.collect.clients.standing_series import readings_of
from nightdesk.collect.collector import Readings
from nightdesk.model.labels import Labels

INTERVAL: Final = 5.0


class BotsCollector:
    """A `Collector` over the roster: no request, no waiting."""

    name = "bots"
    interval = INTERVAL
    deadline = INTERVAL
    url = ""

    target = Labels.of(job="bots", instance="roster")
    """Of the collector itself; the series it writes are the bots' own, under `job="bot"`."""

    def __init__(self, roster: Roster) -> None:
        """Tell of these."""
        self._roster = roster
        self._before: Readings | None = None

    async def collect(self, now: int) -> Readings:
        """Return the series of all processes that were heard within a day."""
        self._before = readings_of(self._roster.seats(now), self._before, now)
        return self._before

    def close(self) -> None:
        """Nothing is held."""
