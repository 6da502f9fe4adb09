"""Many short series, as pods and sessions leave them, are sealed as packed files, whatever lies there already."""

from pathlib import Path

import numpy as np

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch, Refs
from nightdesk.store.samples.packed.pack_format import is_packed
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.store.snapshot import take_snapshot
from nightdesk.store.verify import verify
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOON = 1_700_006_400_000 // DAY * DAY + 12 * HOUR
WIDE = 50
FIFTY_ARE_MANY = SealWhen(many_series=WIDE)
"""So that a test need not make thousands."""


def open_store(folder: Path, when: SealWhen = FIFTY_ARE_MANY) -> SampleStore:
    """Open a store at noon."""
    return SampleStore(folder, clock=ManualClock(NOON + HOUR), retention_ms=90 * DAY, seal_when=when)


def write(store: SampleStore, time: int, sids: range, value: float) -> None:
    """Write one sample of each series."""
    refs: Refs = np.array([store.reference(Labels.of("up", sid=f"{sid:04}")) for sid in sids], dtype=np.int64)
    store.append(Batch.at(refs, time, np.full(len(refs), value)))
    store.commit()


def seal_alone(store: SampleStore) -> None:
    """Seal what is in the head, and let no compaction follow."""
    store._freeze()
    while store._head.frozen:
        store._house.run_one()


def told(store: SampleStore) -> dict[str, list[tuple[int, float]]]:
    """Return the samples of each series."""
    found = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    return {each.labels.get("sid"): list(zip(each.times.tolist(), each.values.tolist(), strict=True)) for each in found}


def kinds(folder: Path) -> list[bool]:
    """Return for the files of the one day, in their order, which are packed."""
    files = sorted((folder / "days").glob("*.db"), key=lambda file: (file.name.count("."), file.name))
    return [is_packed(file) for file in files]


def test_wide_and_narrow_seals_take_turns_and_the_last_value_wins(tmp_path: Path) -> None:
    """Rows never go to a file before a packed one; what was written last answers before and after compaction."""
    store = open_store(tmp_path)
    for number, sids in enumerate((range(WIDE), range(5), range(WIDE + 5), range(7), range(2))):
        write(store, NOON, sids, float(number))
        write(store, NOON + number * 1_000, sids, float(number))
        seal_alone(store)
    assert kinds(tmp_path) == [True, False, True, False]
    expected = told(store)
    assert [expected[f"{sid:04}"][0][1] for sid in (0, 2, 6, 20, WIDE)] == [4.0, 3.0, 3.0, 2.0, 2.0]
    store.close()
    store = open_store(tmp_path)
    assert told(store) == expected
    store.seal()
    assert kinds(tmp_path) == [True]
    assert told(store) == expected
    store.close()


def test_a_deletion_does_not_take_what_a_later_wide_seal_brought(tmp_path: Path) -> None:
    """The new file bears a number that the deletion does not go by, though the day has no other."""
    store = open_store(tmp_path)
    write(store, NOON, range(WIDE), 1.0)
    seal_alone(store)
    store.delete([(Matcher("sid", MatchOp.REGEX, "000."),)], MIN_INSTANT, MAX_INSTANT)
    write(store, NOON + 1_000, range(WIDE), 2.0)
    store._freeze()
    expected = {f"{sid:04}": [(NOON, 1.0)] * (sid >= 10) + [(NOON + 1_000, 2.0)] for sid in range(WIDE)}
    assert told(store) == expected
    store.clean_tombstones()
    assert told(store) == expected
    store.seal()
    assert told(store) == expected
    store.close()


def test_packed_supplements_are_bounded_across_starts(tmp_path: Path) -> None:
    """A day that has as many as may wait is made one file, though this process sealed but one of them."""
    when = SealWhen(samples=1, supplements=3, many_series=WIDE)
    for number in range(8):
        store = open_store(tmp_path, when)
        write(store, NOON + number, range(WIDE), 1.0)
        while store.maintain():
            pass
        store.close()
        assert len(kinds(tmp_path)) <= 4
    store = open_store(tmp_path)
    assert set(map(len, told(store).values())) == {8}
    store.close()


def test_packed_supplements_are_in_snapshots_and_are_verified(tmp_path: Path) -> None:
    """A copy of the folder holds them, and whoever verifies reads them."""
    store = open_store(tmp_path / "data" / "samples")
    for number in range(3):
        write(store, NOON + number, range(WIDE), 1.0)
        seal_alone(store)
    expected = told(store)
    with store.still():
        take_snapshot(tmp_path / "data", tmp_path / "copy")
    store.close()
    assert kinds(tmp_path / "copy" / "samples") == [True] * 3
    checked = {Path(each.file).name: each for each in verify(tmp_path / "copy")}
    assert not [each for each in checked.values() if each.damage or each.obstacle]
    assert sum(each.samples or 0 for each in checked.values()) == 3 * WIDE
    copy = open_store(tmp_path / "copy" / "samples")
    assert told(copy) == expected
    copy.close()
