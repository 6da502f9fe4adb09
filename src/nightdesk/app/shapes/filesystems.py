"""Filesystems that are left out, as JSON."""

from collections.abc import Sequence
from typing import Literal

from nightdesk.app.shapes.shape import Shape, Text
from nightdesk.collect.host.left_out import LeftOut


class LeftOutShape(Shape):
    """One filesystem that `disk_usage` leaves out, and why."""

    mountpoint: Text
    device: Text
    fstype: Text
    reason: Literal["overlay", "memory", "image", "remote", "read_only", "pseudo"]


class FilesystemsShape(Shape):
    """`GET /api/desk/filesystems`."""

    left_out: list[LeftOutShape]

    @classmethod
    def of(cls, found: Sequence[LeftOut]) -> "FilesystemsShape":
        """Shape them."""
        return cls(
            left_out=[
                LeftOutShape(
                    mountpoint=each.mountpoint, device=each.device, fstype=each.fstype, reason=each.reason.value
                )
                for each in found
            ]
        )
