"""Samples that rules record, on their way into the store."""

from collections.abc import Mapping
from concurrent.futures import CancelledError
from typing import Final

import numpy as np

from nightdesk.errors import BadLabels, NightdeskError, SeriesLimitExceeded
from nightdesk.model.series import STALE, Appended, AppendRefusal, Batch
from nightdesk.rules.vector import Vector
from nightdesk.seams.samples import Intake, SampleWriter

WRITE_SECONDS: Final = 5.0
"""How long a round waits for its samples before it says so and goes on."""
BYTES_A_SAMPLE: Final = 128


class Recorder:
    """Gathers the samples of one instant, and writes them in one job when somebody needs to read them."""

    def __init__(self, intake: Intake, seconds: float = WRITE_SECONDS) -> None:
        """Write through an intake, waiting at most that long for each job."""
        self._intake, self._seconds = intake, seconds
        self._parts: list[tuple[int, Vector]] = []
        self._names: set[str] = set()

    def add(self, place: int, samples: Vector) -> None:
        """Take samples for the next write: those of the rule at a place."""
        if samples:
            self._parts.append((place, samples))
            self._names.update(labels.name for labels, _ in samples)

    def concerns(self, names: frozenset[str] | None) -> bool:
        """Return whether an unwritten sample has one of these names; None asks for any."""
        return bool(self._names) if names is None else not self._names.isdisjoint(names)

    def write(self, at: int) -> Mapping[int, str]:
        """Store what was gathered, labelled `at` ms, and wait until it can be read.

        Return why samples were not stored, by the place of their rule; nothing where all of them were.
        """
        parts, self._parts, self._names = self._parts, [], set()
        if not parts:
            return {}
        write = _Write(parts, at)
        try:
            return write.refused(self._intake.submit(write.batch, write.size).result(timeout=self._seconds))
        except TimeoutError:
            reason = f"recorded samples were not stored within {self._seconds:g} s"
        except CancelledError:
            reason = "recorded samples were not stored: the desk is stopping"
        except NightdeskError as error:
            reason = str(error) or type(error).__name__
        return {place: reason for place, _ in parts}


class _Write:
    """The samples of several rules at one instant as one job, and whose of them were refused."""

    def __init__(self, parts: list[tuple[int, Vector]], at: int) -> None:
        self._parts, self._at = parts, at
        self._refs: list[tuple[int, list[int]]] = []
        self._refused: dict[int, str] = {}
        self.size = BYTES_A_SAMPLE * sum(len(samples) for _, samples in parts)

    def batch(self, writer: SampleWriter) -> Batch:
        """Resolve label sets on the ingest thread; one that is refused does not keep the others out."""
        values: list[float] = []
        for place, samples in self._parts:
            refs: list[int] = []
            for labels, value in samples:
                try:
                    refs.append(writer.reference(labels))
                except (BadLabels, SeriesLimitExceeded) as error:
                    if value is not STALE:  # a series that was never taken needs no end
                        self._refused.setdefault(place, str(error))
                else:
                    values.append(value)
            self._refs.append((place, refs))
        rows = [ref for _, refs in self._refs for ref in refs]
        return Batch.at(np.array(rows, dtype=np.int64), self._at, np.array(values, dtype=np.float64))

    def refused(self, appended: Appended) -> Mapping[int, str]:
        """Return why samples were refused, by place: of one instant all are in time or none, a cap has its series."""
        for reason in appended.refused:
            of_cap = reason is AppendRefusal.SERIES_LIMIT
            for place, refs in self._refs:
                if not of_cap or not appended.over.isdisjoint(refs):
                    self._refused.setdefault(place, f"recorded samples were refused: {reason.value}")
        return self._refused
