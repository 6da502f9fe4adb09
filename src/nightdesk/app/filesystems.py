"""Which filesystems the vital `disk_usage` leaves out on this machine."""

from collections.abc import Sequence

from nightdesk.collect.host.files import HostFiles
from nightdesk.collect.host.left_out import LeftOut, left_out


def filesystems_left_out() -> Sequence[LeftOut]:
    """Return them as the kernel lists them now; none where no kernel of Linux lists any. Reads /proc alone."""
    files = HostFiles()
    try:
        return left_out(files)
    except OSError:
        return ()
    finally:
        files.close()
