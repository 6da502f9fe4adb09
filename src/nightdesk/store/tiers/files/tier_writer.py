"""Writing a tier file: group after group of series, under a name that nobody reads yet."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import Buckets, Column, Matrix, Sketches
from nightdesk.model.labels import Labels
from nightdesk.store.disk_reserve import demand_disk
from nightdesk.store.sqlite import Database, sync_file
from nightdesk.store.tiers.cells.sketching import no_sketches
from nightdesk.store.tiers.files.columns import encode
from nightdesk.store.tiers.files.label_section import encode_section
from nightdesk.store.tiers.files.losses import of_counters
from nightdesk.store.tiers.files.tier_format import (
    SECTION_BITS,
    SERIES_A_GROUP,
    TIER_FILE,
    VERSION,
    Span,
    section_checksum,
    span_checksum,
)


class TierWriter:
    """Builds one file: `add` groups in order, then `finish`, or `abandon` to leave nothing."""

    def __init__(self, path: Path, span: Span) -> None:
        """Make the file; nothing of it is durable before `finish`."""
        self.path, self._span = path, span
        self._rows: list[Labels] = []
        self._groups = 0
        self._database = Database.unlogged(path, TIER_FILE)
        try:
            self._database.begin()
        except BaseException:
            self._database.close()
            raise

    def add(self, buckets: Buckets) -> None:
        """Write a group of `SERIES_A_GROUP` series, the last may have fewer; buckets end on the span's grid."""
        assert 0 < len(buckets) <= SERIES_A_GROUP
        assert len(self._rows) == self._groups * SERIES_A_GROUP
        rows = []
        for section, body in encode(of_counters(on_grid(buckets, self._span))).items():
            place = (self._groups << SECTION_BITS) + section
            rows.append((place, VERSION, section_checksum(place, VERSION, body), body))
        demand_disk(self.path.parent, sum(len(row[-1]) for row in rows))
        self._database.execute_many("INSERT INTO section VALUES (?, ?, ?, ?)", rows)
        self._rows += buckets.labels
        self._groups += 1

    def finish(self) -> None:
        """Make the file durable and close it."""
        span, labels = self._span, encode_section(self._rows)
        crc = span_checksum(span, len(self._rows), VERSION, labels)
        fields = (1, span.resolution, span.first, span.buckets, len(self._rows), span.source, VERSION, crc, labels)
        self._database.execute("INSERT INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", fields)
        self._database.commit()
        self._database.close()
        sync_file(self.path)

    def abandon(self) -> None:
        """Close the file and remove it."""
        self._database.close()
        self.path.unlink(missing_ok=True)


def on_grid(buckets: Buckets, span: Span) -> Buckets:
    """Lay buckets on all ends of a span; the ends are on its grid, and each is there once."""
    if len(buckets.ends) == span.buckets:
        return buckets
    places = (buckets.ends - span.first) // span.resolution
    shape = (len(buckets), span.buckets)
    columns: dict[Column, Matrix] = {}
    for column, told in buckets.columns.items():
        wide: NDArray[Any] = np.zeros(shape, dtype=told.dtype)
        wide[:, places] = told
        columns[column] = wide
    old = buckets.sketches or no_sketches()
    rows, narrow = np.divmod(old.cells, len(buckets.ends))
    sketches = Sketches(rows * span.buckets + places[narrow], old.codes, old.weights)
    return Buckets(buckets.labels, span.ends, columns, sketches)
