"""Samples that rules record, on their way into the store."""

from concurrent.futures import CancelledError, Future
from typing import Final

import numpy as np

from nightdesk.errors import BadLabels, NightdeskError, SeriesLimitExceeded
from nightdesk.model.labels import Labels
from nightdesk.model.series import Appended, Batch
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
        self._samples: Vector = []
        self._names: set[str] = set()
        self._refused: list[str] = []

    def add(self, samples: Vector) -> None:
        """Take samples for the next write."""
        self._samples.extend(samples)
        self._names.update(labels.name for labels, _ in samples)

    def concerns(self, names: frozenset[str] | None) -> bool:
        """Return whether an unwritten sample has one of these names; None asks for any."""
        return bool(self._names) if names is None else not self._names.isdisjoint(names)

    def write(self, at: int) -> str:
        """Store what was gathered, labelled `at` ms, and wait until it can be read; return why it could not, or ''."""
        samples, self._samples, self._names = self._samples, [], set()
        if not samples:
            return ""
        self._refused = []
        try:
            future = self._intake.submit(lambda writer: self._batch(writer, samples, at), len(samples) * BYTES_A_SAMPLE)
            return self._wait(future)
        except NightdeskError as error:
            return str(error) or type(error).__name__

    def _wait(self, future: "Future[Appended]") -> str:
        try:
            appended = future.result(timeout=self._seconds)
        except TimeoutError:
            return f"recorded samples were not stored within {self._seconds:g} s"
        except CancelledError:
            return "recorded samples were not stored: the desk is stopping"
        refused = [f"{count} samples refused: {reason.value}" for reason, count in appended.refused.items()]
        return "; ".join([*refused, *self._refused[:1]])

    def _batch(self, writer: SampleWriter, samples: Vector, at: int) -> Batch:
        """Resolve label sets on the ingest thread; one that is refused does not keep the others out."""
        refs, values = [], []
        for labels, value in samples:
            reference = self._reference(writer, labels)
            if reference is not None:
                refs.append(reference)
                values.append(value)
        return Batch.at(np.array(refs, dtype=np.int64), at, np.array(values, dtype=np.float64))

    def _reference(self, writer: SampleWriter, labels: Labels) -> int | None:
        try:
            return writer.reference(labels)
        except (BadLabels, SeriesLimitExceeded) as error:
            self._refused.append(str(error))
            return None
