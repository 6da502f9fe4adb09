"""Which filesystems the vital `disk_usage` leaves out on this machine, and what it says where that is all of them."""

from collections.abc import Sequence
from typing import Final

from nightdesk.collect.host.files import HostFiles
from nightdesk.collect.host.left_out import LeftOut, left_out
from nightdesk.collect.host.mounts import all_mounts

NONE_REAL: Final = (
    "No real local filesystem is seen here, as in a container: `nightdesk vitals disk_usage` lists what is left out."
)


def filesystems_left_out() -> Sequence[LeftOut]:
    """Return them as the kernel lists them now; none where no kernel of Linux lists any. Reads /proc alone."""
    return _listed()[0]


def reason_without_disks() -> str | None:
    """Return why `disk_usage` can have no value; None where there is a filesystem that it is made of."""
    found, mounted = _listed()
    return NONE_REAL if mounted and len(found) == mounted else None


def _listed() -> tuple[Sequence[LeftOut], int]:
    """Return what is left out, and how much is mounted in all."""
    files = HostFiles()
    try:
        return left_out(files), len(all_mounts(files))
    except OSError:
        return (), 0
    finally:
        files.close()
