"""The page's own checks, run by its own tools."""

import os
import subprocess
from pathlib import Path

import pytest

from nightdesk.testing.page import WEB, node


def run(web: Path, *command: str) -> str:
    """Run one of the page's tools and return what it said; its failure is the test's."""
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(
        [node()[0], *command], cwd=web, capture_output=True, text=True, timeout=170, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_units_of_the_page(page_tools: Path) -> None:
    """Formats, time marks, windows, tracks and lanes do what their own unit tests say."""
    assert "passed" in run(page_tools, "node_modules/vitest/vitest.mjs", "run")


def test_page_is_typed(page_tools: Path) -> None:
    """Scripts and templates have no type error, and templates no accessibility warning of the compiler."""
    command = ("node_modules/svelte-check/bin/svelte-check", "--tsconfig", "./tsconfig.json", "--fail-on-warnings")
    assert " 0 errors and 0 warnings" in run(page_tools, *command)


@pytest.mark.parametrize("trap", ["innerHTML", "{@html", "eval(", "new Function", "document.write", "style="])
def test_no_trap_in_the_sources(trap: str) -> None:
    """Text stays text, and nothing asks for a hole in the content security policy."""
    sources = [WEB / "index.html", *(path for path in (WEB / "src").rglob("*") if path.suffix in {".ts", ".svelte"})]
    assert [path.name for path in sources if trap in path.read_text(encoding="utf-8")] == []
