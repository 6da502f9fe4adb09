"""A stand-in for NVIDIA's library, compiled for a test and driven by the real nvidia-ml-py."""

import subprocess
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from nightdesk.testing.servers.services import require_program

BUSY: Final[Mapping[str, int]] = {
    "gpu": 37, "bandwidth": 12, "total": 24_000_000_000, "used": 6_000_000_000, "celsius": 61, "milliwatts": 250_500,
    "limit": 450_000, "millijoules": 9_000_000, "megahertz": 2520, "most_megahertz": 3105, "fan": 40, "throttled": 0,
}  # fmt: skip
"""A card with everything, at 37 %."""


class FakeNvml:
    """The library, the file that says what it answers, and the log of every call; all in one folder."""

    def __init__(self, folder: Path) -> None:
        """Compile it; without a compiler the test skips, or fails in CI."""
        folder.mkdir(parents=True, exist_ok=True)
        self._state, self._log = folder / "state", folder / "calls"
        self.environment = {
            "LD_LIBRARY_PATH": str(folder),
            "NVML_STATE": str(self._state),
            "NVML_LOG": str(self._log),
        }
        """What a process needs to find it."""
        self._values: dict[str, int] = {}
        compiler = require_program("gcc", "cc")
        with as_file(files("nightdesk.testing") / "fake_nvml.c") as source:
            command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(folder / "libnvidia-ml.so.1"), str(source)]
            subprocess.run(command, check=True, timeout=60)
        self.set()

    def device(self, number: int, values: Mapping[str, int] = BUSY) -> None:
        """Put in a device, or give one other values; what it does not name is not supported."""
        self.set({f"{number}.{key}": value for key, value in values.items()}, devices=number + 1)

    def set(self, values: Mapping[str, int] | None = None, **more: int) -> None:
        """Change answers, all at once."""
        self._values |= {**(values or {}), **more}
        self._write()

    def keys(self) -> list[str]:
        """Return what is set."""
        return list(self._values)

    def unset(self, *keys: str) -> None:
        """Take answers away."""
        for key in keys:
            self._values.pop(key, None)
        self._write()

    def calls(self) -> list[str]:
        """Return the calls so far, each as `NAME device`."""
        return self._log.read_text().splitlines() if self._log.exists() else []

    def forget_calls(self) -> None:
        """Begin a new log."""
        self._log.unlink(missing_ok=True)

    def _write(self) -> None:
        """Write aside and put in place, so that no call reads half of it."""
        aside = self._state.with_suffix(".new")
        aside.write_text("".join(f"{key} {value}\n" for key, value in self._values.items()))
        aside.rename(self._state)
