"""NVIDIA's management library (NVML), loaded at its first use and held open only while it is needed."""

import ctypes
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

LIBRARY: Final = "libnvidia-ml.so.1"


class Refusal(Enum):
    """Why NVML gave no answer."""

    UNSUPPORTED = "unsupported"
    """This device, driver or binding has no such thing, and will not have it later either."""
    NO_PERMISSION = "no_permission"
    LIBRARY_MISSING = "library_missing"
    DRIVER_NOT_LOADED = "driver_not_loaded"
    VERSION_MISMATCH = "version_mismatch"
    """Library and kernel driver are of different releases: an update waits for a restart."""
    NOT_FOUND = "not_found"
    LOST = "lost"
    """The device fell off its bus, or can go on only after a reset."""
    RETRY = "retry"
    """Whatever else went wrong; the next collection may have it."""


_REFUSALS: Final[Mapping[int, Refusal]] = {
    3: Refusal.UNSUPPORTED,  # NOT_SUPPORTED
    4: Refusal.NO_PERMISSION,
    6: Refusal.NOT_FOUND,
    9: Refusal.DRIVER_NOT_LOADED,
    12: Refusal.LIBRARY_MISSING,
    13: Refusal.UNSUPPORTED,  # FUNCTION_NOT_FOUND: the driver is older than the binding
    15: Refusal.LOST,  # GPU_IS_LOST
    16: Refusal.LOST,  # RESET_REQUIRED
    18: Refusal.VERSION_MISMATCH,  # LIB_RM_VERSION_MISMATCH
    28: Refusal.NOT_FOUND,  # GPU_NOT_FOUND
}
_UNINITIALIZED: Final = 1


class Nvml:
    """Calls by the names of `pynvml`. Blocking, and a sick driver may never answer: for a thread of its own."""

    def __init__(self) -> None:
        """Load nothing yet: a machine without NVIDIA's driver never pays for it."""
        self._binding: Any = None
        self._is_open = False

    @staticmethod
    def is_installed() -> bool:
        """Tell whether the library is there; loading it touches no device."""
        try:
            ctypes.CDLL(LIBRARY)
        except OSError:
            return False
        return True

    def call(self, name: str, *arguments: object) -> Any:
        """Return what a function of NVML answers, or a `Refusal`; opens the library where it is closed."""
        refusal = None if self._is_open else self._open()
        if refusal is not None:
            return refusal
        return self._answer(name, *arguments)

    def close(self) -> None:
        """Let go of every device: an open NVML keeps a laptop's GPU awake. The next call opens it anew."""
        if self._is_open:
            self._is_open = False
            self._answer("nvmlShutdown")

    def _open(self) -> Refusal | None:
        if self._binding is None:
            if not self.is_installed():
                return Refusal.LIBRARY_MISSING
            import pynvml  # 0.1 s and 3 MB that only machines with NVIDIA's driver spend

            self._binding = pynvml
        answer = self._answer("nvmlInit")
        self._is_open = not isinstance(answer, Refusal)
        return answer if isinstance(answer, Refusal) else None

    def _answer(self, name: str, *arguments: object) -> Any:
        function = getattr(self._binding, name, None)
        if function is None:
            return Refusal.UNSUPPORTED
        try:
            return function(*arguments)
        except self._binding.NVMLError as error:
            if error.value == _UNINITIALIZED:
                self._is_open = False
            return _REFUSALS.get(error.value, Refusal.RETRY)
