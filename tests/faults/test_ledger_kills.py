"""An import killed at random: what was acknowledged is there, nothing comes twice, and doing it again completes it."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from nightdesk.app.trading.offline import open_ledger
from nightdesk.model.ledger import Selection

DRIVER = Path(__file__).with_name("import_rows.py")
ROWS = 8_000
COMMITS = 39


def fills(folder: Path) -> Path:
    """Write fills, every tenth of them the twin of the one before."""
    file = folder / "fills.csv"
    lines = ["time,symbol,side,quantity,price"]
    for number in range(ROWS):
        second = number - 1 if number % 10 == 9 else number
        lines.append(
            f"2024-01-{1 + second // 3600:02}T{second // 60 % 24:02}:{second % 60:02}:00Z,AMD,buy,1,{10 + second}"
        )
    file.write_text("\n".join(lines) + "\n")
    return file


def killed_import(data: Path, file: Path, commits: int) -> int:
    """Run an import, kill it once it told of so many commits, and return how many rows it said were durable."""
    process = subprocess.Popen([sys.executable, str(DRIVER), str(data), str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told: list[str] = []
    try:
        assert process.stdout.readline() == "ready\n"
        while len(told) < commits and (line := process.stdout.readline()):
            told.append(line)
    finally:
        process.kill()
    rest, _ = process.communicate(timeout=10)
    numbers = [
        int(line) for line in [*told, *rest.splitlines(keepends=True)] if line.strip().isdigit() and line[-1] == "\n"
    ]
    return max(numbers, default=0)


def campaign(folder: Path, kills: int, seed: int) -> int:
    """Kill as many imports, look at the ledger after each, complete the last; return how many were cut off midway."""
    file, chance, cut = fills(folder), random.Random(seed), 0
    for number in range(kills):
        data = folder / f"data-{number // 3}"
        acknowledged = killed_import(data, file, chance.randint(0, COMMITS))
        with open_ledger(data) as trading:
            held = [fill.origin.id for fill in trading.ledger.fills(Selection())]
        assert len(held) >= acknowledged, "an acknowledged row was lost"
        assert len(held) == len(set(held))
        cut += 0 < len(held) < ROWS
    for data in sorted(folder.glob("data-*")):
        killed_import(data, file, 10 * COMMITS)
        with open_ledger(data) as trading:
            assert len(trading.ledger.fills(Selection())) == ROWS
            assert trading.ledger.holdings()[0].fills == ROWS
    return cut


def test_a_killed_import_is_completed_by_the_next(tmp_path: Path) -> None:
    """Three kills: no acknowledged row is lost, and the import that completes it adds none twice."""
    assert campaign(tmp_path, 3, seed=3) >= 1


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_thirty_killed_imports(tmp_path: Path) -> None:
    """Thirty kills at random: 0 lost, 0 doubled."""
    assert campaign(tmp_path, 30, seed=5) >= 10
