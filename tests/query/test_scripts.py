"""PromQL in plain text: our own scripts, one a family of functions, in tests/scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightdesk.testing.scripts import ScriptStore, parse_script, run_script

SCRIPTS = sorted((Path(__file__).parents[1] / "scripts").glob("*.test"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_comes_out_as_it_says(path: Path, make_store: Callable[[], ScriptStore]) -> None:
    """Every case of every script of ours holds."""
    assert [str(failure) for failure in run_script(path.read_text(encoding="utf-8"), make_store)] == []


@pytest.mark.parametrize(
    "expectation",
    ["up 2", 'up{a="x"} 1', "1", "expect fail", "expect warn", "expect rejected up", "up 1\n  down 1", "up _"],
)
def test_a_script_can_fail(expectation: str, make_store: Callable[[], ScriptStore]) -> None:
    """A wrong value, label set, type, note, failure or rejected set is told, so that the scripts can fail."""
    script = f"load 1m\n  up 1\n\neval instant at 0s up\n  {expectation}\n"
    assert len(run_script(script, make_store)) == 1


@pytest.mark.parametrize("text", ["lod 5m", "load 5m\n  up 1x2x3", "eval instant at soon up", "load 5x\n  up 1"])
def test_a_script_that_cannot_be_read_names_its_line(text: str) -> None:
    """Whoever writes a script is told where it is wrong."""
    with pytest.raises(ValueError, match="line 1"):
        parse_script(text)
