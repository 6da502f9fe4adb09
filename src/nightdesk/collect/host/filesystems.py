"""Space and inodes of real filesystems."""

import os
from collections.abc import Callable, Iterator

from nightdesk.collect.host.files import HostFiles, Point
from nightdesk.collect.host.mounts import CANNOT_HANG, Mount, mounts
from nightdesk.collect.host.statvfs import Size, StatvfsProcess


class Filesystems:
    """Sizes of what is mounted: of the machine's own filesystems asked here, of all others through a process."""

    def __init__(self, boot: Callable[[], float], process: StatvfsProcess | None = None) -> None:
        """Take the boot clock for the rests of hung filesystems."""
        self._process = process or StatvfsProcess(boot)

    def __call__(self, files: HostFiles) -> Iterator[Point]:
        """Yield `node_filesystem_*{device,fstype,mountpoint}`; of one that gives no size, error and read-only alone."""
        for mount in mounts(files):
            try:
                size = self._size(mount)
            except OSError:
                size = None
            labels = mount.labels
            yield "node_filesystem_device_error", labels, float(size is None)
            yield "node_filesystem_readonly", labels, float(mount.read_only)
            if size is not None:
                blocks, free, available, inodes, inodes_free, unit = size
                yield "node_filesystem_size_bytes", labels, float(blocks * unit)
                yield "node_filesystem_free_bytes", labels, float(free * unit)
                yield "node_filesystem_avail_bytes", labels, float(available * unit)
                yield "node_filesystem_files", labels, float(inodes)
                yield "node_filesystem_files_free", labels, float(inodes_free)

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def _size(self, mount: Mount) -> Size:
        if not CANNOT_HANG.fullmatch(mount.fstype):
            return self._process.ask(mount.point)
        size = os.statvfs(mount.point)
        return Size((size.f_blocks, size.f_bfree, size.f_bavail, size.f_files, size.f_ffree, size.f_frsize))
