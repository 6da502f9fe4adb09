"""Damaged files that are set aside: every one stays for whoever wants to look."""

from pathlib import Path

import pytest

from nightdesk.model.buckets import FIVE_MINUTES
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.deletion.tombstones import Tombstones
from nightdesk.store.set_aside import name_aside
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.files.tier_tombstones import TierTombstones


def test_a_file_of_deletions_replaces_none_that_was_set_aside_before(tmp_path: Path) -> None:
    """Two malformed ones, one after the other: both are kept, and both are reported under their names."""
    path, damage = tmp_path / "deletions.db", Damage()
    for text in (b"first", b"second"):
        path.write_bytes(text * 1_000)
        Tombstones(path, damage).close()
        damage.take_back(path.name)
    kept = {file.name: file.read_bytes()[:5] for file in tmp_path.iterdir()}
    assert kept == {"deletions.db.damaged": b"first", "deletions.db.damaged-2": b"secon"}


def test_a_tier_file_replaces_none_that_was_set_aside_before(tmp_path: Path) -> None:
    """Two malformed files of one day, one after the other: both are kept, and the day counts as damaged once."""
    damage = Damage()
    tombstones = TierTombstones(tmp_path / "deletions.db", damage)
    for text in (b"first", b"second"):
        (tmp_path / "5m").mkdir(exist_ok=True)
        (tmp_path / "5m" / "2026-11-22.db").write_bytes(text * 1_000)
        folder = TierFolder(tmp_path, FIVE_MINUTES, damage, tombstones)
        assert all(folder.source(period) is None for period in folder.periods())
    kept = {file.name: file.read_bytes()[:5] for file in (tmp_path / "5m").iterdir()}
    assert kept == {"2026-11-22.db.damaged": b"first", "2026-11-22.db.damaged-2": b"secon"}
    after_a_restart = Damage()
    TierFolder(tmp_path, FIVE_MINUTES, after_a_restart, tombstones)
    assert (damage.count, after_a_restart.count) == (1, 1)


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_names_aside_are_free(taken: int, tmp_path: Path) -> None:
    """However many were set aside before, the next name is one that no file has."""
    path = tmp_path / "journal.db"
    for _ in range(taken):
        name_aside(path).touch()
    assert not name_aside(path).exists()
    assert len(list(tmp_path.iterdir())) == taken
