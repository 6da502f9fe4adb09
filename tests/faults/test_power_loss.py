"""Power cuts replayed: every write, name and sync of a sample store is recorded, then the disk is cut anywhere."""

import random
import shutil
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from nightdesk.errors import NightdeskError
from nightdesk.testing.faults.power_loss import Kept, cut_points, lay_out
from nightdesk.testing.faults.recording import Kind, Record, record
from nightdesk.testing.faults.steps import Truth, open_store, time_of

STEPS = 400


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the recorded store wrote."""
    return tmp_path_factory.mktemp("sound")


@pytest.fixture(scope="module")
def sound(room: Path) -> list[Record]:
    """Record four hundred steps: seals, compactions, days that retention removes, series that are deleted."""
    return recorded(room)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """Record the same steps, sealed to rows and to packed files by turns."""
    return recorded(tmp_path_factory.mktemp("wide"), "wide")


def recorded(folder: Path, *how: str) -> list[Record]:
    """Record a store from its first folder on."""
    root = folder / "disk"
    root.mkdir()
    told = folder / "told"
    command = [sys.executable, "-m", "nightdesk.testing.faults.steps", str(root / "samples"), str(told), "0"]
    return record([*command, str(STEPS), *how], root, told, folder)


def cut(
    records: list[Record], cuts: int, folder: Path, *, seed: int, deaf_to: Collection[Kind] = ()
) -> Iterator[tuple[int, str, str]]:
    """Cut at random points and yield (point, how, complaint) for each; an empty complaint is what is promised."""
    chance = random.Random(seed)
    points = [chance.randrange(len(records) + 1) for _ in range(cuts)]
    root = folder / "after"
    for point, (disk, told) in zip(sorted(points), cut_points(records, points, deaf_to), strict=True):
        kept, names = chance.choice(list(Kept)), chance.choice([Kept.NONE, Kept.ALL, Kept.RANDOM])
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        lay_out(disk.after_a_cut(kept, names, chance), root)
        last = told[-1].decode().strip() if told else "nothing"
        yield point, f"contents {kept.value}, names {names.value}, after {last}", complaint(root, told, chance)


def complaint(root: Path, told: list[bytes], chance: random.Random) -> str:
    """Open what is left, read all of it, sometimes seal it and read again; say what is not as promised."""
    truth = Truth.of(told)
    try:
        store = open_store(root / "samples", time_of(truth.step + 1))
        try:
            found = truth.compare(store)
            if found.is_sound and chance.random() < 0.2:
                store.seal()
                found = truth.compare(store)
        finally:
            store.close()
    except NightdeskError as error:
        return f"does not open: {error}"
    if not found.is_sound:
        return f"lost {found.lost[:2]}, wrong {found.wrong[:2]}, back {found.returned[:2]}, damage {found.damage}"
    aside = [str(path) for path in root.rglob("*.damaged*")]
    return f"set aside: {aside}" if aside else ""


def test_the_recorder_sees_everything(sound: list[Record], room: Path) -> None:
    """What is rebuilt from the whole recording is, byte for byte, what lies on the disk."""
    (disk, told), *_ = cut_points(sound, [len(sound)])
    rebuilt = disk.after_a_cut(Kept.ALL, Kept.ALL, random.Random(0))
    real = room / "disk"
    lying = {str(path.relative_to(real)): path.read_bytes() if path.is_file() else None for path in real.rglob("*")}
    assert rebuilt == lying
    assert len(told) == STEPS + STEPS // 40
    kinds = Counter(each.kind for each in sound)
    assert all(kinds[kind] for kind in set(Kind) - {Kind.LINK}), kinds


def test_a_power_cut_loses_and_breaks_nothing(sound: list[Record], tmp_path: Path) -> None:
    """Sixty cuts: whatever the disk makes of what was not synced, each acknowledged sample is there, and right."""
    assert [each for each in cut(sound, 60, tmp_path, seed=1) if each[2]] == []


def test_a_power_cut_loses_and_breaks_nothing_that_is_packed_at_once(wide: list[Record], tmp_path: Path) -> None:
    """Sixty cuts: seals of many series become the whole of a day and further supplements, and are copied from."""
    placed = [each.other for each in wide if each.kind is Kind.RENAME and each.path.endswith(".part")]
    assert len({name for name in placed if name.count(".") == 2}) > 5, "packed supplements are few"
    assert [each for each in cut(wide, 60, tmp_path, seed=5) if each[2]] == []


@pytest.mark.campaign
@pytest.mark.timeout(3_600)
def test_a_thousand_power_cuts_lose_and_break_nothing_that_is_packed_at_once(
    wide: list[Record], tmp_path: Path
) -> None:
    """The long form."""
    assert [each for each in cut(wide, 1_000, tmp_path, seed=6) if each[2]] == []


@pytest.mark.campaign
@pytest.mark.timeout(3_600)
def test_two_thousand_power_cuts_lose_and_break_nothing(sound: list[Record], tmp_path: Path) -> None:
    """The long form."""
    assert [each for each in cut(sound, 2_000, tmp_path, seed=2) if each[2]] == []


@pytest.mark.parametrize("deaf_to", [Kind.SYNC, Kind.SYNC_FOLDER])
def test_a_disk_that_does_not_sync_is_found_out(sound: list[Record], tmp_path: Path, deaf_to: Kind) -> None:
    """The test of the test: where syncs of files or of folders do nothing, cuts lose samples."""
    assert [each for each in cut(sound, 30, tmp_path, seed=3, deaf_to={deaf_to}) if each[2]] != []


def test_a_store_that_forgets_a_sync_is_found_out(tmp_path: Path) -> None:
    """The test of the test: without our own syncs, those of SQLite alone are not enough."""
    assert [each for each in cut(recorded(tmp_path, "deaf"), 60, tmp_path, seed=4) if each[2]] != []
