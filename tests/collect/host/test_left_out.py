"""What `disk_usage` leaves out is listed with its reason, and nothing else is left out."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from nightdesk.collect.host.files import HostFiles
from nightdesk.collect.host.left_out import WhyLeftOut, left_out
from nightdesk.collect.host.mounts import mounts

TABLE = """\
/dev/sda1 / ext4 rw 0 0
/dev/sdb1 /ro ext4 ro 0 0
proc /proc proc rw 0 0
overlay /merged overlay rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/loop0 /snap/core squashfs ro 0 0
nas:/x /mnt/nas nfs4 rw 0 0
me@host: /mnt/ssh fuse.sshfs rw 0 0
/dev/sdc1 /data\\040two xfs rw 0 0
/dev/sdd1 /var/lib/docker/volumes ext4 rw 0 0
"""


@pytest.fixture
def machine(tmp_path: Path) -> HostFiles:
    """A machine with one filesystem of each sort."""
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "mounts").write_text(TABLE)
    return HostFiles(str(tmp_path), str(tmp_path))


def test_each_has_its_reason(machine: HostFiles) -> None:
    """Sorted by reason, the ones that a person may miss first."""
    assert [(each.mountpoint, each.reason) for each in left_out(machine)] == [
        ("/merged", WhyLeftOut.OVERLAY),
        ("/run", WhyLeftOut.MEMORY),
        ("/snap/core", WhyLeftOut.IMAGE),
        ("/mnt/nas", WhyLeftOut.REMOTE),
        ("/mnt/ssh", WhyLeftOut.REMOTE),
        ("/ro", WhyLeftOut.READ_ONLY),
        ("/proc", WhyLeftOut.PSEUDO),
        ("/var/lib/docker/volumes", WhyLeftOut.PSEUDO),
    ]


def test_the_rule_leaves_out_the_same(machine: HostFiles) -> None:
    """Every mount is either judged by the shipped rule or listed here, and none is both."""
    rules = (files("nightdesk.rulebook") / "host.yml").read_text()
    (types,) = set(re.findall(r'fstype!~"([^"]*)"', rules))
    judged = {
        mount.point.decode()
        for mount in mounts(machine)
        if not re.fullmatch(types, mount.fstype) and not mount.read_only
    }
    listed = {each.mountpoint for each in left_out(machine)}
    assert judged == {"/", "/data two"}
    assert judged | listed == {line.split()[1].replace("\\040", " ") for line in TABLE.splitlines()}
    assert not judged & listed
