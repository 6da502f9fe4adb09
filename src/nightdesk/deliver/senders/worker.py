"""One sender process: started on demand, ended by force, by idleness, or when the desk goes."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from typing import Final

CORE: Final = "nightdesk.deliver.senders.child"
"""The module of the light process: console, desktop, mail, webhook."""
SERVICES: Final = "nightdesk.deliver.senders.services_child"
"""The module of the one that carries apprise."""
_ENVIRONMENT: Final = frozenset(
    {"HOME", "LANG", "LC_ALL", "NO_COLOR", "PATH", "PYTHONHOME", "PYTHONPATH", "SSL_CERT_DIR", "SSL_CERT_FILE"}
    | {"DBUS_SESSION_BUS_ADDRESS", "SYSTEMROOT", "TERM", "TZ", "VIRTUAL_ENV", "XDG_RUNTIME_DIR"}
)
"""What a sender may know of the desk's environment; passwords given there are not among it."""
_REAP_SECONDS: Final = 0.5


class WorkerEnded(Exception):
    """The process ended, or could not be started, instead of answering; says how."""


class Worker:
    """Holds at most one process, which carries one line at a time. Belongs to one event loop."""

    def __init__(self, idle_seconds: float, module: str = CORE) -> None:
        """Start nothing yet; a process that had nothing to do for `idle_seconds` is let go."""
        self._idle_seconds = idle_seconds
        # `-P`: a file in the working directory must not stand in for a module.
        self._command = (sys.executable, "-P", "-m", module)
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._farewell: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """Id of the process, None while there is none."""
        return self._process.pid if self._process is not None else None

    async def carry(self, line: bytes) -> bytes:
        """Send one line down and return the line that comes back; callers take turns.

        A caller that is cancelled, by a deadline for one, takes the process with it: it is killed and reaped.

        Raises:
            WorkerEnded: the process ended without an answer.
        """
        async with self._turn:
            self._stay()
            answer = b""
            try:
                process = await self._running()
                answer = await _exchange(process, line)
            except OSError as error:
                raise WorkerEnded(f"the sender process cannot be reached: {error.strerror or error}") from error
            finally:
                if not answer:
                    how = await self._end()
            if not answer:
                raise WorkerEnded(f"the sender process ended without an answer: {how}")
            self._farewell = asyncio.get_running_loop().call_later(self._idle_seconds, self._let_go)
            return answer

    async def close(self) -> None:
        """Let the process go, by force if it does not leave by itself at once."""
        async with self._turn:
            self._stay()
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
                await _gone(self._process)
            await self._end()

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            environment = {name: value for name, value in os.environ.items() if name in _ENVIRONMENT}
            # A session of its own: Ctrl-C at the desk's terminal must not end a conversation in the middle.
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
            )
        return self._process

    async def _end(self) -> str:
        """Kill and reap the process, and say how it had ended if it had."""
        process, self._process = self._process, None
        if process is None:
            return "it did not start"
        if not await _gone(process, 0.0):
            # It may go in this very moment, which is as good.
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await _gone(process)
            return "it was ended"
        code = process.returncode or 0
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def _let_go(self) -> None:
        """Close the input of an idle process, which then leaves by itself; its exit is collected by the loop."""
        if not self._turn.locked() and self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process = None

    def _stay(self) -> None:
        if self._farewell is not None:
            self._farewell.cancel()
            self._farewell = None


async def _exchange(process: Process, line: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line)
    await process.stdin.drain()
    answer = await process.stdout.readline()
    if not answer:
        await _gone(process)
    return answer


async def _gone(process: Process, seconds: float = _REAP_SECONDS) -> bool:
    """Wait until a process has ended and is reaped; False if it has not by then."""
    if process.returncode is None and seconds > 0:
        # One that cannot be reaped now (asleep in a dead file system) is collected by the loop when it wakes.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
    return process.returncode is not None
