"""Prometheus remote write 1.0: a body becomes a job for the intake."""

from collections import Counter
from typing import Final

import numpy as np

from nightdesk.collect.intake.label_block import read_labels
from nightdesk.collect.intake.label_cache import TwoGenerations
from nightdesk.collect.intake.metadata import MetadataBook, read_message
from nightdesk.collect.intake.protobuf import Allowance
from nightdesk.collect.intake.stretches import Stretches
from nightdesk.collect.intake.unpack import MOST_UNPACKED, cap_of_pushes, declared_size, unsnap
from nightdesk.collect.intake.write_request import MOST_SAMPLES, Skipped, read_write_request
from nightdesk.errors import BadLabels, NightdeskError, SeriesLimitExceeded
from nightdesk.model.series import AppendRefusal, Batch, Refs
from nightdesk.seams.samples import SampleWriter

REMEMBERED_BLOCKS: Final = 100_000
"""Label blocks remembered, at most twice this many; about 0.2 KB each."""


class RemoteWriteDecoder:
    """Turns bodies into jobs. What it remembers of labels belongs to the ingest thread, where the jobs run."""

    def __init__(self, most_unpacked: int = MOST_UNPACKED, book: MetadataBook | None = None) -> None:
        """Refuse bodies that unpack to more than `most_unpacked` bytes; what they say of metrics goes into the book."""
        self._most, self._book = most_unpacked, book or MetadataBook()
        self._known: TwoGenerations[int] = TwoGenerations(REMEMBERED_BLOCKS)
        self._stretches = Stretches()

    def __call__(self, body: bytes) -> "RemoteWriteJob":
        """Return the job for one body, cheaply: it is unpacked and read when the job runs."""
        return RemoteWriteJob(body, self._known, self._stretches, self._most, self._book)


class RemoteWriteJob:
    """Reads one body and resolves its series; called once, on the ingest thread.

    Series that the store refuses are left out and counted in `refused`, and the rest is taken. The HTTP side looks at
    `refused` (and at what `append` refused) once the job's future is done: it answers 204 where both are empty, else
    400 with `complaint`, which tells a Prometheus sender not to send the same again.
    """

    def __init__(
        self, body: bytes, known: TwoGenerations[int], stretches: Stretches, most: int, book: MetadataBook
    ) -> None:
        """Hold the body until the job runs."""
        self._body, self._known, self._stretches, self._most, self._book = body, known, stretches, most, book
        self.refused: Counter[AppendRefusal] = Counter()
        """Samples left out, by reason."""
        self.complaint = ""
        """The first refusal as a sentence."""
        self.samples = 0
        """Samples in the body."""
        self.skipped = Skipped()

    @property
    def size(self) -> int:
        """Bytes the body takes once unpacked, as it declares: what a queue should count it as.

        Raises:
            BadPayload: it is no snappy block.
            PayloadTooLarge: it declares more than its cap.
        """
        with cap_of_pushes():
            return declared_size(self._body, self._most)

    @property
    def told(self) -> tuple[Counter[AppendRefusal], str]:
        """Samples left out by reason, and the first refusal as a sentence."""
        return self.refused, self.complaint

    def __call__(self, writer: SampleWriter) -> Batch:
        """Return the body's samples.

        Raises:
            BadPayload: the body cannot be read; nothing of it is taken.
            PayloadTooLarge: it unpacks to more than its cap, or holds too many samples; nothing of it is taken.
        """
        if self._known.era != writer.era:
            self._known.forget(writer.era)
            self._stretches.forget()
        columns = read_write_request(unsnap(self._body, self._most), self._known.get, self._stretches)
        self._body = b""
        if columns.metadata:
            self._book.learn(each for message in columns.metadata if (each := read_message(message)))
        self.samples, self.skipped = len(columns.refs), columns.skipped
        refs, times, values = columns.refs, columns.times, columns.values
        if columns.blocks:
            refs = self._resolved(writer, columns.blocks, refs)
            taken = refs >= 0
            if not taken.all():
                refs, times, values = refs[taken], times[taken], values[taken]
        return Batch(refs, times, values)

    def _resolved(self, writer: SampleWriter, blocks: list[bytes], refs: Refs) -> Refs:
        """Replace stand-ins by references; those of refused series stay below 0."""
        # All labels are read before the first series is made, so that a body that cannot be read leaves no trace.
        allowance = Allowance(MOST_SAMPLES)
        labels = [read_labels(block, allowance) for block in blocks]
        samples = np.bincount(-1 - refs[refs < 0], minlength=len(blocks))
        found = np.full(len(blocks), -1, dtype=np.int64)
        for number, (block, each) in enumerate(zip(blocks, labels, strict=True)):
            try:
                if isinstance(each, BadLabels):
                    raise each
                found[number] = ref = writer.reference(each, pushed=True)
                self._known.put(block, ref)
            except BadLabels as error:
                self._refuse(AppendRefusal.BAD_LABELS, samples[number], error)
            except SeriesLimitExceeded as error:
                self._refuse(AppendRefusal.SERIES_LIMIT, samples[number], error)
        unknown = refs < 0
        resolved = refs.copy()
        resolved[unknown] = found[-1 - refs[unknown]]
        return resolved

    def _refuse(self, reason: AppendRefusal, samples: int, error: NightdeskError) -> None:
        self.refused[reason] += int(samples)
        self.complaint = self.complaint or str(error)
