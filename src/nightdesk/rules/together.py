"""Rules of one shape at work: asked as one while that goes well, each alone where it does not."""

import logging
from collections.abc import Callable, Collection, Sequence
from typing import Final

from nightdesk.errors import NightdeskError
from nightdesk.query.language.tree import Node
from nightdesk.query.together.batch import Asker, Batch, Shares
from nightdesk.query.together.shape import Unlike
from nightdesk.rules.stages import FEWEST
from nightdesk.seams.samples import Budget

REST: Final = 60
"""Rounds for which rules that had an error are asked alone, before all are asked as one again."""

_log = logging.getLogger(__name__)


class Together:
    """Rules of one shape by their places in the group. Where asking them as one fails, what each alone says counts.

    So an error is told of the rule that has it, in the words it would have had alone; the others are asked as one
    again from the next round on, and all of them after some rounds.
    """

    def __init__(self, places: Sequence[int], nodes: Sequence[Node]) -> None:
        """Take the rules' places and their expressions."""
        self._nodes = dict(zip(places, nodes, strict=True))
        self._rest = 0
        self._batch: Batch | None = None
        self.places: tuple[int, ...] = ()
        """The rules that are asked as one just now; the order is that of the answer's members."""
        self._gather(places)

    def ask(self, asker: Asker, at: int, budget: Callable[[], Budget]) -> Shares | None:
        """Answer at an instant in ms, within one budget for all; None where each must be asked alone."""
        self._rested()
        if self._batch is None:
            return None
        try:
            return self._batch.ask(asker, at, budget())
        except (NightdeskError, Unlike):
            return None
        except Exception:  # noqa: BLE001 - the rules are asked alone, and then the fault is told of the rule that has it
            _log.exception("%d rules could not be asked as one", len(self.places))
            return None

    def part(self, failed: Collection[int]) -> None:
        """Note which of the rules had an error alone after all together failed; for a while these are asked alone.

        Where none had one it was the sum of them that went over a limit: then all are.
        """
        self._rest = REST
        self._gather([place for place in self.places if failed and place not in failed])

    def _rested(self) -> None:
        if self._rest:
            self._rest -= 1
            if not self._rest:
                self._gather(tuple(self._nodes))

    def _gather(self, places: Sequence[int]) -> None:
        self._batch, self.places = None, ()
        if len(places) < FEWEST:
            return
        try:
            self._batch = Batch([self._nodes[place] for place in places])
        except Unlike:
            return
        self.places = tuple(places)
