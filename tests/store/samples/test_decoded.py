"""Chunks decoded lately are kept within their bound; the labels of a sealed file are answered from memory."""

import threading
from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.labels import Labels
from nightdesk.store.samples.chunks.decoded import Decoded
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.rows.format import DAY_FILE
from nightdesk.store.samples.rows.reader import DayReader
from nightdesk.store.samples.rows.writer import DayWriter
from nightdesk.store.sqlite import Database
from nightdesk.testing.sealing import leave_wal


def test_what_was_asked_for_longest_ago_gives_way() -> None:
    """The bound in bytes holds, and a hit keeps its entry alive."""
    decoded = Decoded(most_bytes=8_000)
    file = decoded.new_file()
    for row in range(10):
        decoded.put(file, row, np.full(100, float(row)))
    assert len(decoded) == 10
    assert decoded.get(file, 0) is not None
    decoded.put(file, 10, np.full(100, 10.0))
    assert (decoded.get(file, 1), len(decoded)) == (None, 10)
    kept = decoded.get(file, 0)
    assert kept is not None
    assert kept.tolist() == [0.0] * 100


def test_files_do_not_share_rows() -> None:
    """Row 1 of one file is never answered for row 1 of another."""
    decoded = Decoded()
    one, other = decoded.new_file(), decoded.new_file()
    decoded.put(one, 1, np.array([1.0]))
    assert decoded.get(other, 1) is None


def test_one_large_chunk_does_not_empty_the_rest() -> None:
    """What would take more than half of the room alone is not kept."""
    decoded = Decoded(most_bytes=8_000)
    decoded.put(decoded.new_file(), 1, np.zeros(501))
    assert len(decoded) == 0
    decoded.put(decoded.new_file(), 1, np.zeros(500))
    assert len(decoded) == 1


def test_kept_values_cannot_be_written_into() -> None:
    """An answer is shared: who tries to change it is refused."""
    decoded = Decoded()
    file = decoded.new_file()
    decoded.put(file, 1, np.zeros(3))
    values = decoded.get(file, 1)
    assert values is not None
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1.0


def test_threads_leave_the_count_right() -> None:
    """Many threads that put the same and other rows never pass the bound."""
    decoded = Decoded(most_bytes=80_000)
    file = decoded.new_file()

    def work(seed: int) -> None:
        for row in range(500):
            decoded.put(file, (row * seed) % 300, np.zeros(100))
            decoded.get(file, row)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 3, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(decoded) == 100


def test_a_sealed_file_answers_labels_as_its_table_does(tmp_path: Path) -> None:
    """Names, values and postings are the same from memory and from the file."""
    path = tmp_path / "2026-11-22.db"
    writer = DayWriter.supplement(path)
    times = np.arange(10, dtype=np.int64)
    for number in range(50):
        labels = Labels([("__name__", f"m{number % 3}"), ("s", str(number)), ("käse", "ü")])
        writer.add([labels], times, np.full((1, 10), float(number)))
    writer.finish()
    database = Database(path, DAY_FILE)
    leave_wal(database)
    database.close()
    from_memory = DayReader(path, Damage(), sealed=True, decoded=Decoded())
    from_file = DayReader(path, Damage(), sealed=False)
    try:
        assert from_memory.names() == from_file.names() == ["__name__", "käse", "s"]
        for name in ("__name__", "s", "käse", "nobody"):
            values = sorted(from_file.values(name))
            assert sorted(from_memory.values(name)) == values
            for chosen in ([], values[:1], values, ["nobody", *values[:3]]):
                asked = from_memory.with_values(name, chosen).tolist()
                assert asked == from_file.with_values(name, chosen).tolist()
    finally:
        from_memory.close()
        from_file.close()
