"""The two commands and their relatives: each target explains itself, and CI calls them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
PROMISED = {"up", "down", "test", "check", "bench", "campaign", "clean", "help"}


def test_every_target_explains_itself() -> None:
    """`make help` has a line for each target that people call."""
    explained = set(re.findall(r"(?m)^([a-z]+):.*## \S", MAKEFILE))
    called = set(re.findall(r"(?m)^\.PHONY: (.*)$", MAKEFILE)[0].split())
    assert explained == called
    assert explained >= PROMISED


def test_help_prints_every_target() -> None:
    """The plain `make` of a person who has just cloned prints what there is."""
    make = shutil.which("make")
    assert make is not None
    told = subprocess.run([make, "-C", str(ROOT)], capture_output=True, text=True, timeout=30, check=True).stdout
    assert set(re.findall(r"(?m)^  make (\w+)", told)) >= PROMISED


def test_continuous_integration_runs_everything() -> None:
    """`.ci/run` can be executed, sets CI so that a missing service fails, and calls `make test`."""
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert re.search(r"(?m)^export CI=", script.read_text())
    assert "make test" in script.read_text()


def test_scripts_can_be_executed() -> None:
    """What the Makefile calls in tools/ can be run."""
    assert [path.name for path in (ROOT / "tools").iterdir() if not os.access(path, os.X_OK)] == []
