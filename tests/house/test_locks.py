"""The locks hold every package by hash, for every machine, and name no place to fetch them from."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_place(lock: Path) -> None:
    """No address, index or folder stands in a lock: where packages come from is the installer's business."""
    found = re.findall(
        r"\w+://\S*|--(?:extra-)?index-url.*|--find-links.*|@ \S+|^\s*[./]\S+", lock.read_text(), re.MULTILINE
    )
    assert found == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_a_version_and_hashes(lock: Path) -> None:
    """Each entry is one exact version with SHA-256 hashes, so that nothing else can be installed in its place."""
    entries = re.split(r"\n(?=[a-z])", lock.read_text().strip())
    assert entries
    assert [entry.splitlines()[0] for entry in entries if not re.match(r"[a-z0-9.-]+==[\w.!]+ ", entry)] == []
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_dependency_is_locked() -> None:
    """What the project asks for is in the lock that `make up` installs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    names = {match.group().lower() for each in asked if (match := re.match(r"[\w-]+", each))}
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert names - locked == set()


def test_no_lock_of_another_tool() -> None:
    """A lock that carries addresses of registries is not kept."""
    assert [name for name in ("uv.lock", "poetry.lock", "pdm.lock") if (ROOT / name).exists()] == []
