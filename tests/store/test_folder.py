"""The data folder: private, held by one desk, numbered, with room kept for the last words."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nightdesk.errors import CorruptData, DataFolderBusy, NewerFormat, StoreError
from nightdesk.store.folder import BALLAST_BYTES, FOLDER_FORMAT, DataFolder

HOLDER = """
import sys
from pathlib import Path
from nightdesk.store.folder import DataFolder
folder = DataFolder.open(Path(sys.argv[1]))
folder.write_address("http://127.0.0.1:9977")
print("held", flush=True)
sys.stdin.read()
"""


def test_the_folder_is_private(tmp_path: Path) -> None:
    """Mode 0700, and 0600 for each file in it."""
    folder = DataFolder.open(tmp_path / "deep" / "data")
    folder.write_address("http://127.0.0.1:1")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.path.iterdir()} == {0o600}
    folder.close()


def test_a_second_desk_is_told_who_holds_the_folder_even_after_kill_9(tmp_path: Path) -> None:
    """The sentence names process and address; a killed holder leaves a folder that opens at once."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DataFolderBusy, match=rf"process id {holder.pid}, which answers at http://127.0.0.1:9977"):
            DataFolder.open(tmp_path)
        assert DataFolder.read_address(tmp_path) == "http://127.0.0.1:9977"
        holder.kill()
    assert DataFolder.read_address(tmp_path) is None
    DataFolder.open(tmp_path).close()


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
    assert folder.free_ballast()
    assert not (tmp_path / "ballast").exists()
    assert not folder.free_ballast()
    assert folder.restore_ballast()
    assert (tmp_path / "ballast").stat().st_size == BALLAST_BYTES
    assert 0.0 < folder.free_ratio() < 1.0
    assert folder.free_bytes() > 0
    folder.close()


@pytest.mark.parametrize(("mode", "warned"), [(0o700, False), (0o750, False), (0o770, True), (0o777, True)])
def test_a_folder_that_others_may_write_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, warned: bool
) -> None:
    """Whoever may write there may put a token or a key of their own in its place."""
    tmp_path.chmod(mode)
    DataFolder.open(tmp_path).close()
    assert ("chmod 700" in caplog.text) is warned
