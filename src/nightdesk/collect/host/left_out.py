"""Filesystems that `disk_usage` leaves out, and why: full by nature, or not this machine's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nightdesk.collect.host.files import HostFiles
from nightdesk.collect.host.mounts import Mount, all_mounts, mounts


class WhyLeftOut(Enum):
    """Why a filesystem has no part in the vital."""

    OVERLAY = "overlay"
    """It shows another filesystem's space."""
    MEMORY = "memory"
    IMAGE = "image"
    """Packed as full as it is, once and for all."""
    REMOTE = "remote"
    """On another machine, or behind a program: its space is not this machine's."""
    READ_ONLY = "read_only"
    PSEUDO = "pseudo"
    """No store of files: an interface of the kernel, or a piece of a container engine."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One filesystem that is left out."""

    mountpoint: str
    device: str
    fstype: str
    reason: WhyLeftOut


_BY_TYPE: Final[Mapping[WhyLeftOut, re.Pattern[str]]] = {
    WhyLeftOut.OVERLAY: re.compile("overlay"),
    WhyLeftOut.MEMORY: re.compile("tmpfs|ramfs|devtmpfs"),
    WhyLeftOut.IMAGE: re.compile("squashfs|iso9660|erofs"),
    WhyLeftOut.REMOTE: re.compile("nfs.*|cifs|smb.*|fuse.*|9p"),
}
"""The types that rulebook/host.yml leaves out of `disk_usage`; a test holds the two together."""


def left_out(files: HostFiles) -> list[LeftOut]:
    """Return what is mounted and not judged, sorted by reason and mount point. Raises OSError where none is listed."""
    real = {mount.point for mount in mounts(files)}
    found = [
        LeftOut(mount.point.decode(errors="backslashreplace"), mount.device, mount.fstype, reason)
        for mount in all_mounts(files)
        if (reason := _why(mount, is_real=mount.point in real)) is not None
    ]
    order = list(WhyLeftOut)
    return sorted(found, key=lambda each: (order.index(each.reason), each.mountpoint))


def _why(mount: Mount, *, is_real: bool) -> WhyLeftOut | None:
    by_type = next((reason for reason, types in _BY_TYPE.items() if types.fullmatch(mount.fstype)), None)
    if by_type is None and not is_real:
        return WhyLeftOut.PSEUDO
    return by_type or (WhyLeftOut.READ_ONLY if mount.read_only else None)
