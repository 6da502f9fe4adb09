"""What is mounted, and which of it is a real filesystem."""

import re
from dataclasses import dataclass
from typing import Final

from nightdesk.collect.host.files import HostFiles, Pairs

_POINTS_LEFT_OUT: Final = re.compile(
    r"/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/.*)"
)
_TYPES_LEFT_OUT: Final = re.compile(
    "autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs"
    "|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs"
)
"""node_exporter's own two lists: what is no store of files, or is full by nature."""

CANNOT_HANG: Final = re.compile(
    "ext[234]|xfs|btrfs|bcachefs|f2fs|jfs|nilfs2|reiserfs|zfs|vfat|exfat|ntfs3|udf|tmpfs|ramfs|apfs|hfsplus"
)
"""Filesystems of the kernel on this machine's own devices: asking them for their size waits for nobody else."""


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted filesystem."""

    device: str
    point: bytes
    fstype: str
    read_only: bool

    @property
    def labels(self) -> Pairs:
        """The labels `device`, `fstype`, `mountpoint`."""
        point = self.point.decode(errors="backslashreplace")
        return (("device", self.device), ("fstype", self.fstype), ("mountpoint", point))


def mounts(files: HostFiles) -> list[Mount]:
    """Return the real filesystems, each with a store of files behind it."""
    return [
        mount
        for mount in all_mounts(files)
        if not _TYPES_LEFT_OUT.fullmatch(mount.fstype)
        and not _POINTS_LEFT_OUT.fullmatch(mount.point.decode(errors="replace"))
    ]


def all_mounts(files: HostFiles) -> list[Mount]:
    """Return whatever is mounted; of several on one point the last, which is the one that is seen."""
    found: dict[bytes, Mount] = {}
    for line in _table(files).splitlines():
        device, point, fstype, options = line.split(b" ")[:4]
        mount = Mount(
            device=_unescaped(device).decode(errors="backslashreplace"),
            point=_unescaped(point),
            fstype=fstype.decode(errors="backslashreplace"),
            read_only=b"ro" in options.split(b","),
        )
        found.pop(mount.point, None)
        found[mount.point] = mount
    return list(found.values())


def _table(files: HostFiles) -> bytes:
    """Read the mounts of process 1: a sandbox may show ours fewer; where that is forbidden, our own."""
    try:
        return files.proc("1/mounts")
    except OSError:
        return files.proc("self/mounts")


def _unescaped(word: bytes) -> bytes:
    r"""Undo the kernel's octal escapes of space, tab, newline and backslash (`\040`)."""
    if b"\\" not in word:
        return word
    return re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8) & 0xFF]), word)
