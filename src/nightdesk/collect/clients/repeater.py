"""Writes what is known of bots again and again, so that rules see a dead bot's last sign of life."""

import logging
from collections.abc import Sequence
from typing import Final

import numpy as np

from nightdesk.clock import Clock
from nightdesk.collect.clients.roster import Roster
from nightdesk.collect.clients.standing_series import Row, rows_of
from nightdesk.errors import BadLabels, Overloaded, SeriesLimitExceeded
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE, Batch
from nightdesk.seams.samples import Intake, SampleWriter

INTERVAL: Final = 5.0
BYTES_A_SAMPLE: Final = 24

log = logging.getLogger(__name__)


class Repeater:
    """Tells the store of every process each five seconds; what is not told any more gets a stale marker."""

    def __init__(self, roster: Roster, intake: Intake, clock: Clock) -> None:
        """Tell of these."""
        self._roster, self._intake, self._clock = roster, intake, clock
        self._live: frozenset[Labels] = frozenset()
        """Series told last; belongs to the ingest thread."""

    async def run(self) -> None:
        """Tell until cancelled; a full queue is no reason to stop, the next round tells the same."""
        while True:
            self.turn()
            await self._clock.sleep(INTERVAL)

    def turn(self) -> None:
        """Tell once. Without bots there is nothing to tell, and nothing is written."""
        now = self._clock.now()
        rows = [row for seat in self._roster.seats(now) for row in rows_of(seat, now)]
        if not (rows or self._live):
            return
        try:
            self._intake.submit(lambda writer: self._batch(writer, rows, now), BYTES_A_SAMPLE * len(rows))
        except Overloaded as error:
            log.warning("the signs of life of bots were not repeated: %s", error)

    def _batch(self, writer: SampleWriter, rows: Sequence[Row], now: int) -> Batch:
        known = {labels: (ref, value) for labels, value in rows if (ref := _reference(writer, labels)) is not None}
        ended = [_reference(writer, labels) for labels in sorted(self._live - known.keys())]
        self._live = frozenset(known)
        told = [*known.values(), *((ref, STALE) for ref in ended if ref is not None)]
        refs = np.array([ref for ref, _ in told], dtype=np.int64)
        return Batch.at(refs, now, np.array([value for _, value in told], dtype=np.float64))


def _reference(writer: SampleWriter, labels: Labels) -> int | None:
    """Return a series' reference; None where the store has no room, which the push that made it was told."""
    try:
        return writer.reference(labels)
    except (SeriesLimitExceeded, BadLabels):
        return None
