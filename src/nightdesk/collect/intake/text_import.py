"""Samples of the past as Prometheus' text format with timestamps: a body becomes a job for the intake."""

from collections import Counter
from typing import Final

import numpy as np

from nightdesk.collect.collector import Readings
from nightdesk.collect.intake.exposition import ExpositionReader
from nightdesk.collect.intake.metadata import MetadataBook
from nightdesk.collect.intake.unpack import MOST_UNPACKED, cap_of_pushes, unpack
from nightdesk.errors import BadLabels, NightdeskError, SeriesLimitExceeded
from nightdesk.model.labels import Labels
from nightdesk.model.series import AppendRefusal, Batch
from nightdesk.seams.samples import SampleWriter

BYTES_A_PACKED_BYTE: Final = 8
"""What a queue counts for a byte that is packed: text packs that well, and more where it repeats itself."""


class TextImportJob:
    """Reads one body and resolves its series; called once, on the ingest thread.

    What the store refuses is counted in `refused`, and the rest is taken, as with remote write.
    """

    def __init__(
        self,
        body: bytes,
        encoding: str,
        at: int,
        *,
        open_metrics: bool = False,
        most: int = MOST_UNPACKED,
        book: MetadataBook | None = None,
    ) -> None:
        """Hold the body, packed as its Content-Encoding says; `at` (ms) is for lines without a timestamp."""
        self._body, self._encoding, self._at, self._most = body, encoding, at, most
        self._open_metrics, self._book = open_metrics, book or MetadataBook()
        self.refused: Counter[AppendRefusal] = Counter()
        """Samples left out, by reason."""
        self.complaint = ""
        """The first refusal as a sentence."""

    @property
    def size(self) -> int:
        """Bytes that the body takes, about: what a queue should count it as."""
        return min(len(self._body) * BYTES_A_PACKED_BYTE, self._most) if self._encoding else len(self._body)

    @property
    def told(self) -> tuple[Counter[AppendRefusal], str]:
        """Samples left out by reason, and the first refusal as a sentence."""
        return self.refused, self.complaint

    def __call__(self, writer: SampleWriter) -> Batch:
        """Return the body's samples.

        Raises:
            BadPayload: a line cannot be read, and the message names it; nothing of the body is taken.
            PayloadTooLarge: it unpacks to more than its cap.
        """
        reader = ExpositionReader()
        with cap_of_pushes():
            body = unpack(self._body, self._encoding, self._most)
        readings = reader.read(body, self._at, open_metrics=self._open_metrics)
        self._body = b""
        self._book.learn(reader.metadata.values())
        return self._batch(readings, writer)

    def _batch(self, readings: Readings, writer: SampleWriter) -> Batch:
        known: dict[Labels, int] = {}
        refs = np.array([self._reference(each, known, writer) for each in readings.labels], dtype=np.int64)
        times = np.full(len(refs), readings.at, dtype=np.int64) if readings.times is None else readings.times
        taken = refs >= 0
        return Batch(refs[taken], times[taken], readings.values[taken])

    def _reference(self, labels: Labels, known: dict[Labels, int], writer: SampleWriter) -> int:
        """Return the reference of a series, below 0 where it is refused."""
        ref = known.get(labels)
        if ref is not None and ref >= 0:
            return ref
        try:
            ref = known[labels] = writer.reference(labels, pushed=True)
        except BadLabels as error:
            return self._refuse(AppendRefusal.BAD_LABELS, error)
        except SeriesLimitExceeded as error:
            return self._refuse(AppendRefusal.SERIES_LIMIT, error)
        return ref

    def _refuse(self, reason: AppendRefusal, error: NightdeskError) -> int:
        self.refused[reason] += 1
        self.complaint = self.complaint or str(error)
        return -1
