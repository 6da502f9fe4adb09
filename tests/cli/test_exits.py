"""Exit codes mean what the documentation says."""

import subprocess
import sys
from pathlib import Path

import pytest

from nightdesk.cli.exits import MEANINGS, exit_code
from nightdesk.errors import (
    DataFolderBusy,
    DeskUnreachable,
    NightdeskError,
    Overloaded,
    QuerySyntaxError,
    SettingsError,
    Unsafe,
)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "nightdesk", *words], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unsafe("x"), 2),
        (SettingsError("x"), 2),
        (QuerySyntaxError("x"), 2),
        (DeskUnreachable("x"), 3),
        (DataFolderBusy("x"), 4),
        (Overloaded("x"), 5),
        (NightdeskError("x"), 1),
    ],
)
def test_every_kind_of_error_has_its_code(error: NightdeskError, code: int) -> None:
    """Scripts can tell a wrong input from a missing desk from a full disk."""
    assert exit_code(error) == code
    assert code in MEANINGS


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["status"], 3, "no desk is running on"),
        (["alerts"], 3, "no desk is running on"),
        (["query", "up"], 4, "is not a data folder"),
        (["alerts", "--history"], 4, "is not a data folder"),
        (["up", "--bind", "0.0.0.0"], 2, "would send the token in the clear"),
        (["up", "--bind", "0.0.0.0", "--no-auth"], 2, "would let everybody in the network write"),
        (["up", "--interval", "soon"], 2, "--interval: not a valid duration"),
        (["up", "--config", "/nonexistent.toml"], 2, "/nonexistent.toml: cannot be read"),
        (["up", "--port", "70000"], 2, "--port: "),
        (["frobnicate"], 2, "No such command"),
        (["alerts", "--since", "foo"], 2, "foo"),
        (["verify", "one", "--snapshot", "another"], 2, "name one snapshot"),
        (["query", "up", "--time", "30m", "--step", "1m"], 2, "give one or the other"),
    ],
)
def test_a_refusal_is_one_sentence_with_its_code(tmp_path: Path, words: list[str], code: int, told: str) -> None:
    """No traceback ever: a sentence on the standard error that says what would be right."""
    data = [] if words == ["frobnicate"] else ["--data", str(tmp_path / "none")]
    done = run(*words, *data)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_down_without_a_desk_is_no_error(tmp_path: Path) -> None:
    """Stopping what does not run leaves what was wanted: nothing runs."""
    done = run("down", "--data", str(tmp_path))
    assert done.returncode == 0
    assert "no desk is running" in done.stdout


def test_reading_a_folder_that_is_not_there_makes_none(tmp_path: Path) -> None:
    """A mistyped --data is an error, not an empty desk."""
    run("query", "up", "--data", str(tmp_path / "typo"))
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("words", [["version"], ["check"], ["--help"]])
def test_a_full_standard_output_is_told_in_a_sentence(words: list[str]) -> None:
    """Whether it is noticed at once or only when what was held back is written: no traceback."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "nightdesk", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.stderr == "nightdesk: standard output takes no more: No space left on device\n"
    assert done.returncode == 1


def test_the_release_is_told_as_programs_do() -> None:
    """`--version` says what `version` says."""
    assert run("--version").stdout == run("version").stdout
