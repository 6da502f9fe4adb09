"""What a process with apprise in it may never do, whatever a URL asks of a plug-in: kept by the interpreter itself.

Python tells an audit hook of each connection and each program before it happens. So the address that is judged is the
one that is connected to, after every name and redirect, and a plug-in that would speak to this machine's own buses or
start a program is stopped even where no table knows its schema.
"""

import ipaddress
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

from nightdesk.deliver.settings.addresses import is_forbidden

_STARTS_A_PROGRAM: Final = frozenset(
    {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn"}
)
_LOCAL_LOG: Final = frozenset({"syslog.openlog", "syslog.syslog"})


class Forbidden(OSError):
    """A plug-in was kept from something; says from what."""


class Guard:
    """Remembers what was kept from happening since it was last asked; stands for the life of the process."""

    def __init__(self) -> None:
        """Keep nothing yet: `stand` begins."""
        self._refused = ""

    def stand(self) -> None:
        """Judge every connection and every program from now on; no Python code can end it."""
        judges: dict[str, Callable[[tuple[Any, ...]], str]] = {
            "socket.connect": lambda arguments: _address_problem(arguments[1]),
            "socket.sendto": lambda arguments: _address_problem(arguments[1]),
            **dict.fromkeys(_STARTS_A_PROGRAM, lambda _: "a service may not start a program"),
            **dict.fromkeys(_LOCAL_LOG, lambda _: "a service may not write to this machine's log"),
        }

        def judge(event: str, arguments: tuple[Any, ...]) -> None:
            problem = judges[event](arguments) if event in judges else ""
            if problem:
                self._refused = problem
                raise Forbidden(problem)

        sys.addaudithook(judge)

    def refused(self) -> str:
        """Return what was kept from happening since the last time, or the empty string."""
        told, self._refused = self._refused, ""
        return told


def _address_problem(address: object) -> str:
    """Return why an address may not be reached, or the empty string; that of an IP socket begins with its host."""
    if not isinstance(address, tuple):
        return "a service may not speak to a socket of this machine"
    hit = next((each for each in _numbers_of(str(address[0])) if is_forbidden(each)), None)
    return f"{hit} is an address that no message may reach" if hit else ""


def _numbers_of(host: str) -> list[str]:
    """Return the addresses of a host; most libraries connect to a number, a name is looked up as the system would."""
    try:
        return [str(ipaddress.ip_address(host.partition("%")[0]))]
    except ValueError:
        pass
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, None)]
    except OSError:
        return []  # the connection fails for the same reason, and says which


GUARD: Final = Guard()
"""The one of this process; it stands only where a sender process made it."""
