"""A desktop session of a test's own: a bus in a private folder, a display that nobody sees, a notification service."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from nightdesk.testing.desk import wait_until
from nightdesk.testing.servers.services import require_program

_BUS: Final = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
"""No folder of services: what a test did not start is not there, whatever else is installed."""
_SERVICE: Final = "org.freedesktop.Notifications"
_READY_SECONDS: Final = 20.0


class DesktopSession:
    """Runs while it is entered; `service=False` is a session in which nobody shows notifications."""

    def __init__(self, *, service: bool = True) -> None:
        """Look for the programs; where one is missing the test skips at home and fails in CI."""
        names = ("dbus-daemon", "dbus-send", *(("Xvfb", "dunst", "dunstctl") if service else ()))
        self._programs = {name: require_program(name) for name in names}
        self._held = ExitStack()
        self._service: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where the bus listens, as the environment variable says it."""
        return f"unix:path={self.bus}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a program in this session."""
        return {**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.address}

    def shown(self) -> list[dict[str, Any]]:
        """Return what the service has shown and still shows or keeps, newest first, as its own history tells."""
        # Closing moves what is on the screen into the history, which is what can be asked.
        self._ask("dunstctl", "close-all")
        told = json.loads(self._ask("dunstctl", "history"))
        return [{name: field["data"] for name, field in each.items()} for each in told["data"][0]]

    def freeze(self) -> None:
        """Keep the service from answering."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    def kill_service(self) -> None:
        """End the service as a crash does, and wait until the bus has noticed."""
        self._signal(signal.SIGKILL)
        wait_until(lambda: not self._has_service(), _READY_SECONDS, "the bus forgets the service")

    def _signal(self, number: int) -> None:
        assert self._service is not None, "this session has no notification service"
        self._service.send_signal(number)

    def _ask(self, *command: str) -> str:
        answer = subprocess.run(
            [self._programs[command[0]], *command[1:]],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        return answer.stdout

    def _has_service(self) -> bool:
        told = self._ask(
            "dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
            "org.freedesktop.DBus.NameHasOwner", f"string:{_SERVICE}",
        )  # fmt: skip
        return "true" in told

    def __enter__(self) -> Self:
        folder = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="nd-bus-")))
        self.bus = folder / "bus"
        config = folder / "bus.conf"
        config.write_text(_BUS.format(path=self.bus))
        self._held.enter_context(_running([self._programs["dbus-daemon"], f"--config-file={config}", "--nofork"]))
        wait_until(self.bus.exists, _READY_SECONDS, "the session bus listens")
        if "dunst" in self._programs:
            display = self._held.enter_context(_display(self._programs["Xvfb"]))
            environment = {**self.environment, "DISPLAY": display}
            self._service = self._held.enter_context(_running([self._programs["dunst"]], environment))
            wait_until(self._has_service, _READY_SECONDS, "the notification service is there")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()


@contextmanager
def _running(
    command: Sequence[str], environment: dict[str, str] | None = None, descriptors: Sequence[int] = ()
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        command,
        env=environment,
        pass_fds=descriptors,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def _display(server: str) -> Iterator[str]:
    """Run a display; it chooses a free number itself and says which."""
    ours, theirs = os.pipe()
    with os.fdopen(ours) as told:
        command = [server, "-displayfd", str(theirs), "-screen", "0", "800x600x24", "-nolisten", "tcp"]
        with _running(command, descriptors=[theirs]):
            os.close(theirs)
            yield f":{told.readline().strip()}"
