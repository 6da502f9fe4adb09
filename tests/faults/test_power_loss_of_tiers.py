"""Power cuts replayed while days are rolled up, merged into months, deleted from and removed: no bucket is lost."""

import random
import shutil
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from nightdesk.errors import NightdeskError
from nightdesk.testing.faults.power_loss import Kept, cut_points, lay_out
from nightdesk.testing.faults.recording import Kind, Record, record
from nightdesk.testing.faults.tier_steps import Truth, clock_at, open_both

STEPS = 160
"""Thirteen days: the month before them ends on the sixth and is made, and its days' 5 m go."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """Record it all."""
    folder = tmp_path_factory.mktemp("sound")
    root, told = folder / "disk", folder / "told"
    root.mkdir()
    command = [sys.executable, "-m", "nightdesk.testing.faults.tier_steps", str(root / "samples"), str(told)]
    return record([*command, str(STEPS)], root, told, folder)


def complaint(root: Path, told: list[bytes], chance: random.Random) -> str:
    """Open what is left and ask for every hour, sometimes again after all that is due was made; say what is wrong."""
    truth = Truth.of(told)
    try:
        store, tiers = open_both(root / "samples", clock_at(truth.step + 1))
        try:
            found = truth.compare(tiers).complaint
            if not found and chance.random() < 0.3:
                tiers.build()
                tiers.clean_tombstones()
                found = truth.compare(tiers).complaint
        finally:
            tiers.close()
            store.close()
    except NightdeskError as error:
        return f"does not open: {error}"
    aside = [str(path) for path in root.rglob("*.damaged*")]
    return found or (f"set aside: {aside}" if aside else "")


def cut(
    records: list[Record], cuts: int, folder: Path, *, seed: int, deaf_to: Collection[Kind] = ()
) -> Iterator[tuple[int, str, str]]:
    """Cut where tiers are written, mostly, and yield (point, how, complaint); it is empty where all is as promised."""
    chance = random.Random(seed)
    near = [number for number, each in enumerate(records) if "tiers/" in each.path]
    points = [chance.choice(near) + chance.randrange(3) for _ in range(cuts)]
    root = folder / "after"
    for point, (disk, told) in zip(sorted(points), cut_points(records, points, deaf_to), strict=True):
        kept, names = chance.choice(list(Kept)), chance.choice([Kept.NONE, Kept.ALL, Kept.RANDOM])
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        lay_out(disk.after_a_cut(kept, names, chance), root)
        last = told[-1].decode().strip() if told else "nothing"
        yield point, f"contents {kept.value}, names {names.value}, after {last}", complaint(root, told, chance)


def test_all_that_happens_to_tiers_is_recorded(sound: list[Record]) -> None:
    """Days and the month are put in their places, and days of 5 m are unlinked once the month tells of them."""
    put = {each.other for each in sound if each.kind is Kind.RENAME}
    assert {f"samples/tiers/5m/2025-01-{day}.db" for day in range(26, 32)} <= put
    assert "samples/tiers/1h/2025-01.db" in put
    gone = {each.path for each in sound if each.kind is Kind.UNLINK}
    assert "samples/tiers/5m/2025-01-26.db" in gone
    assert any(path.startswith("samples/days/2025-01-26") for path in gone)


def test_a_power_cut_loses_no_bucket_and_counts_none_twice(sound: list[Record], tmp_path: Path) -> None:
    """Forty cuts: whatever the disk makes of what was not synced, each hour tells of each sample once."""
    assert [each for each in cut(sound, 40, tmp_path, seed=1) if each[2]] == []


@pytest.mark.campaign
@pytest.mark.timeout(3_600)
def test_a_thousand_power_cuts_lose_no_bucket(sound: list[Record], tmp_path: Path) -> None:
    """The long form."""
    assert [each for each in cut(sound, 1_000, tmp_path, seed=2) if each[2]] == []


def test_a_disk_that_does_not_sync_is_found_out(sound: list[Record], tmp_path: Path) -> None:
    """The test of the test: where syncs of files do nothing, cuts lose buckets."""
    assert [each for each in cut(sound, 20, tmp_path, seed=3, deaf_to={Kind.SYNC}) if each[2]] != []
