"""Bodies on their way in: what the desk asks of a job that the intake runs."""

from collections import Counter
from typing import Protocol

from nightdesk.model.series import AppendRefusal, Batch
from nightdesk.seams.samples import SampleWriter


class WriteJob(Protocol):
    """A body on its way in: a job for the intake that remembers what it had to leave out."""

    @property
    def size(self) -> int:
        """Bytes it takes once unpacked, as a queue should count it."""
        ...

    @property
    def told(self) -> tuple[Counter[AppendRefusal], str]:
        """Samples left out by reason, and the first refusal as a sentence."""
        ...

    def __call__(self, writer: SampleWriter) -> Batch:
        """Return the samples."""
        ...


class DecodeText(Protocol):
    """Makes the job for a body of text."""

    def __call__(self, body: bytes, encoding: str, at: int, *, open_metrics: bool) -> WriteJob:
        """Return the job; `at` (ms) is for lines without a timestamp, which OpenMetrics has in seconds."""
        ...
