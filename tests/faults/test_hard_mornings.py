"""What a person meets on a bad day: a sentence that says what would be right; the desk goes on where it can."""

import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.servers.exporter import Exporter
from nightdesk.testing.servers.mail_server import MailServer

HANGING = """
[[scrape]]
job = "hangs"
targets = ["127.0.0.1:{hanging}"]
interval = "1s"
timeout = "1s"

[[scrape]]
job = "well"
targets = ["127.0.0.1:{well}"]
interval = "1s"
timeout = "1s"
"""

MAILED = """
{channel}
[[routes]]
severity = ["warning", "critical"]
channels = ["inbox"]
"""


def test_a_hanging_target_hurts_only_itself(tmp_path: Path) -> None:
    """A target that accepts and says nothing is down with its reason; its neighbour is scraped every second."""
    with socket.socket() as hanging, Exporter() as well:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen(50)
        well.set("alive", 1)
        settings = HANGING.format(hanging=hanging.getsockname()[1], well=well.port)
        with DeskProcess(tmp_path, "--no-collect", settings=settings) as desk:
            wait_until(lambda: desk.query('up{job="hangs"} == 0'), 15, "up == 0 for the hanging target")
            wait_until(lambda: desk.query("count_over_time(alive[10s]) >= 8"), 30, "a neighbour scraped each second")
            assert desk.query('up{job="well"} == 1')
            assert desk.stop() == 0


def test_malformed_settings_name_file_line_and_cure(tmp_path: Path) -> None:
    """`up` with a mistyped setting ends at once, says where it stands and what would be right."""
    (tmp_path / "settings.toml").write_text('[desk]\nport = 8123\nintervall = "1s"\n')
    desk = DeskProcess(tmp_path)
    told = desk.command("up", "--config", str(tmp_path / "settings.toml"), "--port", str(desk.port))
    assert told.returncode == 2
    assert "settings.toml:3" in told.stderr
    assert "interval" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_second_desk_on_one_folder_is_refused(tmp_path: Path) -> None:
    """The second `up` says who holds the folder and where it listens; the first goes on."""
    with DeskProcess(tmp_path, "--no-collect") as desk:
        told = desk.command("up", "--port", "0")
        assert told.returncode != 0
        assert str(desk.pid) in told.stderr
        assert "Traceback" not in told.stderr
        assert desk.status_of("/-/ready") == 200


def test_a_newer_data_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """A file of a newer format is not touched; the message says to upgrade."""
    with DeskProcess(tmp_path, "--no-collect") as desk:
        data = desk.data
    connection = sqlite3.connect(data / "state.db")
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = (data / "state.db").read_bytes()
    told = DeskProcess(tmp_path).command("up", "--port", "0")
    assert told.returncode != 0
    assert "newer" in told.stderr
    assert "state.db" in told.stderr
    assert "Traceback" not in told.stderr
    assert (data / "state.db").read_bytes() == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 20 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    if (
        not mounted
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(place)], check=False).returncode
    ):
        pytest.skip("needs root and mount to make a small file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def fill(place: Path, leave: int) -> None:
    """Fill the file system until `leave` bytes are free."""
    free = shutil.disk_usage(place).free - leave
    with (place / "filler").open("ab") as filler:
        try:
            while free > 0:
                filler.write(b"\0" * min(free, 65_536))
                filler.flush()
                free -= 65_536
        except OSError:
            return  # full is what we want


def test_a_full_disk_still_mails_that_it_is_full(small_disk: Path) -> None:
    """On 20 MB filled to the last byte the alert is mailed, nothing acknowledged is lost, and the desk recovers."""
    with MailServer() as server:
        with DeskProcess(small_disk, settings=MAILED.format(channel=server.channel())) as desk:
            wait_until(lambda: desk.query("node_load1"), 15, "host series")
            acknowledged = desk.query("count_over_time(node_load1[1h])")[0]["value"]
            fill(small_disk, 0)
            wait_until(
                lambda: [mail for mail in server.mails if "DataFolderNearlyFull" in mail.subject],
                60,
                "a mail that says the data folder is nearly full",
            )
            assert desk.status_of("/-/healthy") == 200
            (small_disk / "filler").unlink()
            before = time.time()
            wait_until(
                lambda: desk.query(f"timestamp(node_load1) > {before + 1}"), 60, "samples again once there is space"
            )
            held = desk.query("count_over_time(node_load1[1h])")[0]["value"]
            assert int(held[1]) >= int(acknowledged[1])
            assert desk.stop() == 0
        for path in desk.data.rglob("*.db"):
            connection = sqlite3.connect(path)
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path
            connection.close()


def test_a_desk_that_was_killed_starts_again_without_a_byte_left(small_disk: Path) -> None:
    """The ballast makes room for what a start writes, so that somebody tells of the full disk, and can be found."""
    desk = DeskProcess(small_disk, "--no-collect").start()
    desk.kill()
    (desk.data / "desk.json").unlink()  # its room would do for the new one
    fill(small_disk, 0)
    with desk:
        assert "the ballast is given up" in desk.text()
        assert desk.command("status").returncode == 0
        assert desk.stop() == 0
