"""Damage to any file of the samples: starts are quick, it is set aside and told, and nothing wrong is served."""

import random
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from nightdesk.testing.faults.damage import Damaged, damage_one
from nightdesk.testing.faults.steps import Found, Truth, open_store, time_of

MOST_SECONDS = 5.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """Write until there are day files of each kind, then kill: the journal and its log hold samples too."""
    folder = tmp_path_factory.mktemp("whole")
    told = folder / "told"
    command = [
        sys.executable,
        "-m",
        "nightdesk.testing.faults.steps",
        str(folder / "samples"),
        str(told),
        "0",
        "100000",
    ]
    with Popen(command, stdout=PIPE) as writer:
        until = time.monotonic() + 60
        while time.monotonic() < until and not (told.exists() and told.read_bytes().count(b"\n") > 320):
            time.sleep(0.01)
        writer.kill()
    return folder / "samples", told.read_bytes().splitlines()


def try_damage(folder: Path, told: list[bytes], chance: random.Random, work: Path) -> tuple[Damaged, Found, float]:
    """Damage one file of a copy, open it, read all of it, seal it, read it again."""
    copy = work / "samples"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    files = sorted(path for path in copy.rglob("*.db*") if path.is_file() and not path.name.endswith("-shm"))
    done = damage_one(files, chance)
    truth = Truth.of(told)
    began = time.monotonic()
    store = open_store(copy, time_of(truth.step + 1))
    seconds = time.monotonic() - began
    try:
        found = truth.compare(store)
        store.seal()
        again = truth.compare(store)
    finally:
        store.close()
    found.wrong += again.wrong
    return done, found, seconds


def flips(whole: tuple[Path, list[bytes]], times: int, seed: int, work: Path) -> Counter[str]:
    """Damage so often; return what came of it, counted. Raises AssertionError with each damage that was borne badly."""
    chance, outcomes = random.Random(seed), Counter[str]()
    borne_badly: list[str] = []
    for _ in range(times):
        done, found, seconds = try_damage(*whole, chance, work)
        if found.wrong:
            borne_badly.append(f"{done}: {len(found.wrong)} wrong samples, such as {found.wrong[:2]}")
        if (found.lost or found.returned) and not found.damage:
            borne_badly.append(f"{done}: {len(found.lost)} missing, {len(found.returned)} back, and nobody was told")
        if seconds > MOST_SECONDS:
            borne_badly.append(f"{done}: open after {seconds:.1f} s")
        outcomes["told" if found.damage else "harmless"] += 1
        outcomes["samples missing"] += bool(found.lost)
    assert not borne_badly, "\n".join(borne_badly)
    return outcomes


def test_damage_is_told_and_serves_nothing_wrong(whole: tuple[Path, list[bytes]], tmp_path: Path) -> None:
    """Thirty times: bits, ends and sectors of journal, log, supplements and whole days."""
    assert flips(whole, 30, 5, tmp_path)["told"] > 0


@pytest.mark.campaign
@pytest.mark.timeout(3_600)
def test_three_hundred_damages(whole: tuple[Path, list[bytes]], tmp_path: Path) -> None:
    """The long form."""
    assert flips(whole, 300, 6, tmp_path)["told"] > 50
