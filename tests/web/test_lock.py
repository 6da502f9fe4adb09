"""The lock of the page's packages."""

import json
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).parents[2] / "web"


@pytest.fixture(scope="module")
def packages() -> dict[str, Any]:
    """Entries of the lock by place; the page itself left out."""
    entries: dict[str, Any] = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {place: entry for place, entry in entries.items() if place}


def test_lock_names_no_address_and_every_hash(packages: dict[str, Any]) -> None:
    """A package may come from any mirror, but its bytes are fixed."""
    assert [place for place, entry in packages.items() if "resolved" in entry] == []
    assert [place for place, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []


@pytest.mark.parametrize(
    ("family", "platforms"),
    [
        (
            "@rolldown/binding-",
            ["linux-x64-gnu", "linux-arm64-gnu", "linux-x64-musl", "darwin-arm64", "win32-x64-msvc"],
        ),
        ("lightningcss-", ["linux-x64-gnu", "linux-arm64-gnu", "linux-x64-musl", "darwin-arm64", "win32-x64-msvc"]),
    ],
)
def test_lock_keeps_other_platforms(packages: dict[str, Any], family: str, platforms: list[str]) -> None:
    """Native parts of other platforms stay: npm drops them when it rewrites a lock over an existing node_modules."""
    assert [name for name in platforms if f"node_modules/{family}{name}" not in packages] == []


def test_a_build_needs_none_of_the_checks_tools(packages: dict[str, Any]) -> None:
    """What `pip install` fetches is the few packages that make the page, not those that test it."""
    assert all(packages[f"node_modules/{tool}"].get("dev") for tool in ("vitest", "svelte-check", "typescript"))
    assert not packages["node_modules/vite"].get("dev")


def test_npm_runs_no_script_of_a_package() -> None:
    """Packages may not run code at install, and the lock is written without addresses."""
    settings = (WEB / ".npmrc").read_text(encoding="utf-8").split()
    assert {"ignore-scripts=true", "omit-lockfile-registry-resolved=true", "audit=false", "fund=false"} <= set(settings)
