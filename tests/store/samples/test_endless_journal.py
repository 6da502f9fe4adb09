"""A journal whose tree hands the same key over for ever: read as damaged, at once, and set aside."""

from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import CorruptData
from nightdesk.model.instant import DAY
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.journal.journal import Journal
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.verify import verify
from nightdesk.testing.clock import ManualClock

NOW = 1_700_006_400_000 // DAY * DAY
PAGE, CELLS_AT = 4096, 4
"""Bytes of a page, and where the head of one has the lower byte of how many cells it holds."""
ENTRIES_PAGE = 2
"""The third page is the root of the table of entries."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose journal claims 48 entries where it has none: each is read at the same place."""
    (tmp_path / "samples").mkdir()
    file = tmp_path / "samples" / "journal.db"
    Journal(file).close()
    content = bytearray(file.read_bytes())
    content[ENTRIES_PAGE * PAGE + CELLS_AT] = 48
    file.write_bytes(content)
    return tmp_path


def test_entries_that_do_not_rise_end_the_reading(data: Path) -> None:
    """SQLite trusts that keys rise, so that the entry after number 0 is number 0."""
    journal = Journal.read_only(data / "samples" / "journal.db")
    with pytest.raises(CorruptData, match="its entries go from 0 to 0"):
        list(journal.entries())
    journal.close()


def test_verify_tells_it(data: Path) -> None:
    """As damage of that file, and of no other."""
    found = {str(each.file): each.damage for each in verify(data) if each.damage}
    assert list(found) == ["samples/journal.db"]
    assert found["samples/journal.db"]


def test_a_desk_starts_beside_it(data: Path) -> None:
    """What can be read is read, the file is set aside, and new samples are taken."""
    store = SampleStore(data / "samples", clock=ManualClock(NOW), retention_ms=90 * DAY)
    store.append(Batch.at(np.array([store.reference(Labels.of("m"))]), NOW, np.ones(1)))
    store.commit()
    store.close()
    assert any("journal" in path.name and "damaged" in path.name for path in (data / "samples").iterdir())
