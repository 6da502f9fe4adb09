"""The data folder: private, held by one desk, numbered, with room kept for the last words."""

import logging
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nightdesk.errors import CorruptData, DataFolderBusy, DataFolderFull, NewerFormat, StoreError
from nightdesk.store.folder import BALLAST_BYTES, FOLDER_FORMAT, DataFolder
from nightdesk.store.folder_lock import Holder
from nightdesk.testing.faults.small_disk import fill, small_disk

HOLDER = """
import sys
from pathlib import Path
from nightdesk.store.folder import DataFolder
from nightdesk.store.folder_lock import Holder
holder = Holder(sys.argv[2])
folder = DataFolder.open(Path(sys.argv[1]), holder)
if holder is Holder.DESK:
    folder.write_address("http://127.0.0.1:9977")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(folder: Path, holder: Holder = Holder.DESK) -> "Iterator[subprocess.Popen[bytes]]":
    """Let a process of its own hold a folder; it ends with the context, or when its input is closed."""
    command = [sys.executable, "-c", HOLDER, str(folder), holder.value]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_the_folder_is_private(tmp_path: Path) -> None:
    """Mode 0700, and 0600 for each file in it."""
    folder = DataFolder.open(tmp_path / "deep" / "data")
    folder.write_address("http://127.0.0.1:1")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.path.iterdir()} == {0o600}
    folder.close()


def test_a_second_desk_is_told_who_holds_the_folder_even_after_kill_9(tmp_path: Path) -> None:
    """The sentence names process and address; a killed holder leaves a folder that opens at once."""
    with held(tmp_path) as holder:
        with pytest.raises(DataFolderBusy, match=rf"process id {holder.pid}, which answers at http://127.0.0.1:9977"):
            DataFolder.open(tmp_path)
        assert DataFolder.read_address(tmp_path) == "http://127.0.0.1:9977"
        assert DataFolder.holder(tmp_path) == holder.pid
    assert DataFolder.read_address(tmp_path) is None
    DataFolder.open(tmp_path).close()


@pytest.mark.parametrize("who", list(Holder))
def test_a_command_that_holds_the_folder_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: Holder
) -> None:
    """By a desk and by another command, and that is told; meanwhile no desk is there to be found or stopped."""
    told: list[str] = []
    with held(tmp_path, Holder.COMMAND) as command:
        assert DataFolder.holder(tmp_path) is None

        def end_it(text: str, *about: object) -> None:
            told.append(text % about)
            command.communicate()

        monkeypatch.setattr(logging.getLogger("nightdesk.store.folder_lock"), "warning", end_it)
        DataFolder.open(tmp_path, who).close()
    assert told == [f"a command of Nightdesk, process id {command.pid}, uses {tmp_path}: waiting for it, 30 s at most"]


def test_a_command_is_waited_for_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the sentence names it as what it is, whatever address a desk that was killed has left."""
    monkeypatch.setattr("nightdesk.store.folder_lock.COMMAND_SECONDS", 0.2)
    with held(tmp_path):
        """It is killed, and its address stays."""
    with held(tmp_path, Holder.COMMAND) as command:
        assert DataFolder.read_address(tmp_path) is None
        with pytest.raises(DataFolderBusy, match=rf"by a command of Nightdesk, process id {command.pid}, after 0.2 s"):
            DataFolder.open(tmp_path)


def test_the_address_is_told_while_the_desk_lives(tmp_path: Path) -> None:
    """None before it is written, none after the close, none for a folder that is not there."""
    assert DataFolder.read_address(tmp_path / "nowhere") is None
    folder = DataFolder.open(tmp_path)
    assert DataFolder.read_address(tmp_path) is None
    folder.write_address("http://127.0.0.1:1")
    assert DataFolder.read_address(tmp_path) == "http://127.0.0.1:1"
    folder.close()
    assert DataFolder.read_address(tmp_path) is None


def test_a_folder_of_a_newer_release_is_refused_untouched(tmp_path: Path) -> None:
    """The sentence says what to do; the lock is given up again."""
    DataFolder.open(tmp_path).close()
    (tmp_path / "format").write_text(f"{FOLDER_FORMAT + 1}\n")
    for _ in range(2):
        with pytest.raises(NewerFormat, match="upgrade Nightdesk"):
            DataFolder.open(tmp_path)
    assert (tmp_path / "format").read_text() == f"{FOLDER_FORMAT + 1}\n"
    (tmp_path / "format").write_text("what?")
    with pytest.raises(CorruptData, match="format number"):
        DataFolder.open(tmp_path)


def test_a_path_that_cannot_be_a_folder_gets_a_sentence(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot use .*file"):
        DataFolder.open(tmp_path / "file")


def test_the_ballast_holds_real_room_until_it_is_freed(tmp_path: Path) -> None:
    """It is no hole in a file, goes once, and comes back."""
    folder = DataFolder.open(tmp_path)
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= BALLAST_BYTES
    for _ in range(2):
        folder.free_ballast()
        assert not (tmp_path / "ballast").exists()
    assert folder.restore_ballast()
    assert (tmp_path / "ballast").stat().st_size == BALLAST_BYTES
    assert 0.0 < folder.free_ratio() < 1.0
    assert folder.free_bytes() > 0
    folder.close()


def test_the_address_of_a_desk_finds_the_room_of_the_ballast(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A desk that starts at not a byte free says where it answers; without a ballast it hears that there is no room."""
    with small_disk(tmp_path, megabytes=20) as disk:
        folder = DataFolder.open(disk)
        fill(disk)
        folder.write_address("http://127.0.0.1:1")
        assert DataFolder.read_address(disk) == "http://127.0.0.1:1"
        assert "the ballast is given up" in caplog.text
        fill(disk)
        with pytest.raises(DataFolderFull, match=r"no space is left for .*desk.json"):
            folder.write_address("http://127.0.0.1:2")
        folder.close()


@pytest.mark.parametrize(("mode", "warned"), [(0o700, False), (0o750, False), (0o770, True), (0o777, True)])
def test_a_folder_that_others_may_write_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, warned: bool
) -> None:
    """Whoever may write there may put a token or a key of their own in its place."""
    tmp_path.chmod(mode)
    DataFolder.open(tmp_path).close()
    assert ("chmod 700" in caplog.text) is warned
