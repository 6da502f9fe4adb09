"""What is said of filesystems where none of them is this machine's own."""

from pathlib import Path

import pytest

from nightdesk.app.measuring import filesystems
from nightdesk.app.measuring.filesystems import NONE_REAL, filesystems_left_out, reason_without_disks
from nightdesk.collect.host.files import HostFiles


@pytest.mark.parametrize(
    ("table", "reason", "listed"),
    [
        ("overlay / overlay rw 0 0\nproc /proc proc rw 0 0\n", NONE_REAL, ["/", "/proc"]),
        ("/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n", None, ["/proc"]),
        (None, None, []),
    ],
)
def test_a_container_says_why_disk_usage_has_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str | None, reason: str | None, listed: list[str]
) -> None:
    """With nothing but overlays there is a reason; with a disk, or without any list of mounts, there is none."""
    (tmp_path / "1").mkdir()
    if table is not None:
        (tmp_path / "1" / "mounts").write_text(table)
    monkeypatch.setattr(filesystems, "HostFiles", lambda: HostFiles(str(tmp_path), str(tmp_path)))
    assert reason_without_disks() == reason
    assert [each.mountpoint for each in filesystems_left_out()] == listed
