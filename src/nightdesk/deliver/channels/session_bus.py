"""Where the desktop session of this user listens: found without a login shell, never taken from the settings."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ADDRESS: Final = "DBUS_SESSION_BUS_ADDRESS"
RUNTIME: Final = "XDG_RUNTIME_DIR"
_TRANSPORTS: Final = ("unix:path=", "unix:abstract=")
"""`unixexec:` starts a program and `tcp:` leads to another machine: neither is a session of this one."""


class NoSession(Exception):
    """There is no session to show anything in; says what was looked for."""


def session_bus(environment: Mapping[str, str], uid: int, runtime: Path = Path("/run/user")) -> str:
    """Return the address of the session bus: the session's own, else the socket that systemd makes for the user.

    A desk started by systemd or over ssh has no session of its own, but the user's may well be there.

    Raises:
        NoSession: neither is there, or the address is none of a socket on this machine.
    """
    given = environment.get(ADDRESS, "")
    if given:
        if not given.startswith(_TRANSPORTS):
            raise NoSession(f"{ADDRESS} names no socket of this machine: it must begin with unix:path=")
        return given
    places = [Path(environment[RUNTIME]) / "bus"] if environment.get(RUNTIME) else []
    places.append(runtime / str(uid) / "bus")
    found = next((place for place in places if _is_own_socket(place, uid)), None)
    if found is None:
        looked = " nor ".join(str(place) for place in dict.fromkeys(places))
        raise NoSession(f"no session bus: {ADDRESS} is not set, and there is no {looked}; is nobody logged in here?")
    return f"unix:path={found}"


def own_session_bus() -> str:
    """Return the address for this process. Raises NoSession."""
    if not hasattr(os, "getuid"):
        raise NoSession("this system has no session bus")
    return session_bus(os.environ, os.getuid())


def _is_own_socket(place: Path, uid: int) -> bool:
    """Say whether a socket lies there that belongs to this user: another's could show our messages to them."""
    try:
        found = place.stat()
    except OSError:
        return False
    return stat.S_ISSOCK(found.st_mode) and found.st_uid == uid
