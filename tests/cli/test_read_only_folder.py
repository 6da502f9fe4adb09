"""Questions about a data folder on a read-only mount: answered as by the folder itself, and nothing of it changes."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.servers.services import require_program

MOUNTED = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
DAY_SECONDS = 86_400
AT = 1_700_000_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk with samples in a day file and in the journal; mounting takes a namespace of our own."""
    unshare = require_program("unshare")
    may = subprocess.run([unshare, "-m", "true"], capture_output=True, check=False)
    if may.returncode:
        pytest.skip(f"no mount namespace: {may.stderr.decode().strip()}")
    made = DeskProcess(tmp_path_factory.mktemp("readonly"), "--no-auth", "--no-collect", "--retention", "100y")
    with made:
        for number, value in enumerate((3, 4)):
            line = f"kept {value} {(AT + number * DAY_SECONDS) * 1000}\n".encode()
            assert made.request("/api/v1/import/prometheus", line, {"Content-Type": "text/plain"})[0] < 300
            if not number:
                assert made.request("/-/seal", b"", {"Content-Type": "application/json"})[0] < 300
    yield made
    made.stop()


def asked(desk: DeskProcess, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command on the folder as it is mounted read-only, in a namespace that ends with it."""
    command = [sys.executable, "-m", "nightdesk", *words, "--data", str(desk.data)]
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", MOUNTED, str(desk.data), *command],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip


def content(folder: Path) -> dict[str, str]:
    """Return what lies in a folder, file by file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_read_only_folder_answers_and_stays_as_it_is(desk: DeskProcess) -> None:
    """What is sealed and what waits in the journal; nothing is left of the copy that was asked."""
    before = content(desk.data)
    done = asked(desk, "query", "sum_over_time(kept[2d])", "--time", str(AT + DAY_SECONDS), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"7"' in done.stdout
    told = asked(desk, "alerts", "--history")
    assert (told.returncode, told.stderr) == (0, "")
    assert content(desk.data) == before


def test_a_read_only_folder_can_be_saved_and_verified(desk: DeskProcess, tmp_path: Path) -> None:
    """Another mount takes no links, so the snapshot is a copy; it is sound."""
    done = asked(desk, "snapshot", str(tmp_path / "saved"))
    assert done.returncode == 0, done.stderr
    assert asked(desk, "verify", "--snapshot", str(tmp_path / "saved")).returncode == 0
    assert asked(desk, "verify").returncode == 0


def test_nothing_is_deleted_of_a_copy(desk: DeskProcess) -> None:
    """Who deletes means the folder: it is refused with the reason."""
    done = asked(desk, "samples", "delete", "--match", "kept", "--yes")
    assert done.returncode == 4
    assert "Read-only file system" in done.stderr


def test_a_desk_that_runs_answers_whoever_sees_its_folder_read_only(desk: DeskProcess) -> None:
    """The lock and the address are read through the mount, so the desk is asked."""
    with desk:
        done = asked(desk, "query", "sum_over_time(kept[2d])", "--time", str(AT + DAY_SECONDS), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"7"' in done.stdout
