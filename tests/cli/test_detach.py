"""The log of a desk in the background: appended to, bounded, its owner's alone."""

import os
import stat
from pathlib import Path

import pytest

from nightdesk.cli.detach import LOG_FILE, MOST_LOG_BYTES, OLD_LOG_FILE, open_log, start_detached
from nightdesk.errors import StoreError


def write_once(data: Path, text: str) -> None:
    """Open the log as a start does, and write."""
    output = open_log(data)
    os.write(output, text.encode())
    os.close(output)


def test_a_log_goes_on_from_start_to_start(tmp_path: Path) -> None:
    """What a crash left is still there after the next start."""
    write_once(tmp_path, "first\n")
    write_once(tmp_path, "second\n")
    assert (tmp_path / LOG_FILE).read_text() == "first\nsecond\n"


def test_a_long_log_is_put_aside_once(tmp_path: Path) -> None:
    """Two files at most: the log that goes on, and the one before it."""
    for letter in "ab":
        (tmp_path / LOG_FILE).write_text(letter * (MOST_LOG_BYTES + 1))
        write_once(tmp_path, "new\n")
    assert (tmp_path / LOG_FILE).read_text() == "new\n"
    assert (tmp_path / OLD_LOG_FILE).read_text()[0] == "b"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_log_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    """Its mode is 0600, whatever it was before and whatever the umask."""
    (tmp_path / LOG_FILE).write_text("old\n")
    (tmp_path / LOG_FILE).chmod(0o644)
    write_once(tmp_path, "new\n")
    assert stat.S_IMODE((tmp_path / LOG_FILE).stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    """Neither the folder nor its log ends in a traceback: the sentence names the folder and the reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"^cannot use .*file/below: Not a directory$"):
        start_detached(tmp_path / "file" / "below")
    (tmp_path / LOG_FILE).mkdir()
    with pytest.raises(StoreError, match=r"^cannot use the data folder .*: Is a directory$"):
        start_detached(tmp_path)
