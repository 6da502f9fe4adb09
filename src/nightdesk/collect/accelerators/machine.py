"""The machine as families read it: small files below a root that tests and containers may replace, and a clock."""

import errno
import os
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Final

_MOST: Final = 4_096
"""A file of sysfs fits in one page; whatever is longer is not one."""
_NUMBER: Final = re.compile(r"[0-9]{1,19}")
_ASLEEP: Final = frozenset({"suspended", "suspending"})


class Fault(Enum):
    """What a failed read says about the device."""

    UNSUPPORTED = "unsupported"
    """This driver, kernel or chip has no such thing."""
    NO_PERMISSION = "no_permission"
    ASLEEP = "asleep"
    """EPERM: how amdgpu answers while the device sleeps or is reset; never a matter of permissions."""
    GONE = "gone"
    RETRY = "retry"
    """Busy just now: the next collection may have it."""
    BROKEN = "broken"


_FAULTS: Final[Mapping[int | None, Fault]] = {
    errno.ENOENT: Fault.UNSUPPORTED,
    errno.EOPNOTSUPP: Fault.UNSUPPORTED,
    errno.EINVAL: Fault.UNSUPPORTED,
    errno.EACCES: Fault.NO_PERMISSION,
    errno.EPERM: Fault.ASLEEP,
    errno.ENODEV: Fault.GONE,
    errno.ENXIO: Fault.GONE,
    errno.EBUSY: Fault.RETRY,
    errno.EAGAIN: Fault.RETRY,
    errno.EINTR: Fault.RETRY,
}


def fault_of(error: OSError) -> Fault:
    """Return what an error of the kernel means here."""
    return _FAULTS.get(error.errno, Fault.BROKEN)


class Machine:
    """The files of one machine, and the clock (seconds, never back) that is read beside every counter."""

    def __init__(self, root: str, monotonic: Callable[[], float]) -> None:
        """Put `root` before every path; empty for the machine this runs on."""
        self.root, self.monotonic = root, monotonic

    def text(self, path: str) -> str:
        """Return the stripped text of a small file; raises OSError, at open or, as sysfs may, only at the read."""
        # Not blocking: where a pipe stands for a file, opening it would wait for a writer that never comes.
        descriptor = os.open(f"{self.root}/{path}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            return os.read(descriptor, _MOST).decode(errors="replace").strip()
        finally:
            os.close(descriptor)

    def number(self, path: str) -> int | None:
        """Return the number a file holds, None where it holds none; raises OSError."""
        text = self.text(path)
        return int(text) if _NUMBER.fullmatch(text) else None

    def maybe(self, path: str) -> int | None:
        """Return the number a file holds, or None for whatever reason there is none."""
        try:
            return self.number(path)
        except OSError:
            return None

    def word(self, path: str) -> str:
        """Return the text of a file, empty where it cannot be read."""
        try:
            return self.text(path)
        except OSError:
            return ""

    def names(self, folder: str) -> Sequence[str]:
        """Return the names in a folder, sorted; none where it cannot be listed."""
        try:
            return sorted(os.listdir(f"{self.root}/{folder}"))  # noqa: PTH208 - twice as quick as pathlib
        except OSError:
            return ()

    def linked(self, path: str) -> str:
        """Return the last name of where a link leads; empty where there is no link."""
        try:
            return os.path.basename(os.readlink(f"{self.root}/{path}"))  # noqa: PTH115, PTH119 - as above
        except OSError:
            return ""

    def is_asleep(self, device: str) -> bool:
        """Tell whether a device is, or is being, suspended at run time; reading this wakes nothing.

        A device without power management is awake.
        """
        return self.word(f"{device}/power/runtime_status") in _ASLEEP
