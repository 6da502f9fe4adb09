"""Who holds a data folder: one process at a time, and the lock's file says which one and as what.

A desk holds it for as long as it runs, so whoever comes is refused and told where to ask. A command holds it while it
reads or changes what lies there, so whoever comes waits for it: a question must not keep a desk from starting.
"""

import fcntl
import json
import logging
import os
import threading
from enum import Enum
from pathlib import Path
from typing import Final

from nightdesk.errors import DataFolderBusy

ADDRESS_FILE: Final = "desk.json"
COMMAND_SECONDS: Final = 30.0
"""How long a command is waited for."""
_LOCK_FILE: Final = "desk.lock"
_PAUSE_SECONDS: Final = 0.05
_LOOKS: Final = 10
"""So often in a row a desk has to be seen before it is believed: whoever only looks has the lock for a moment, too,
under the signature of somebody before. And so long a command is waited for in silence."""

_log = logging.getLogger(__name__)


class Holder(Enum):
    """As what a process holds a folder."""

    DESK = "desk"
    COMMAND = "command"


def take_lock(folder: Path, holder: Holder) -> int:
    """Take the lock of a folder and sign it; the descriptor returned holds it until it is closed or the process ends.

    Raises:
        DataFolderBusy: a desk holds it, or a command does for longer than `COMMAND_SECONDS`.
        OSError: the file cannot be made or written, or the address of a desk that was killed not be removed.
    """
    lock = os.open(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait_for(folder, lock)
        mark = "" if holder is Holder.DESK else f" {holder.value}"
        signature = f"{os.getpid()}{mark}\n".encode("ascii")
        # In this order a file that has a signature needs no room for another.
        os.pwrite(lock, signature, 0)
        os.ftruncate(lock, len(signature))
        # A desk that was killed has left its address, at which nobody or somebody else answers now.
        (folder / ADDRESS_FILE).unlink(missing_ok=True)
    except BaseException:
        os.close(lock)
        raise
    return lock


def is_held(folder: Path) -> bool:
    """Tell whether any process holds a folder."""
    try:
        probe = os.open(folder / _LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(probe)
    return False


def desk_holding(folder: Path) -> int | None:
    """Return the process id of the desk that holds a folder; None where none does, whoever else may."""
    if not is_held(folder):
        return None
    holder, process = _signed((folder / _LOCK_FILE).read_bytes())
    return int(process) if holder is Holder.DESK and process.isdigit() else None


def address_in(folder: Path) -> str | None:
    """Return the address that the desk on a folder has left there."""
    try:
        told = json.loads((folder / ADDRESS_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    url = told.get("url") if isinstance(told, dict) else None
    return url if isinstance(url, str) else None


def _wait_for(folder: Path, lock: int) -> None:
    """Wait until the lock is ours; a desk is not waited for, a command is, and that is told once."""
    pause, desks_seen = threading.Event(), 0
    for look in range(round(COMMAND_SECONDS / _PAUSE_SECONDS)):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder, process = _signed(os.pread(lock, 64, 0))
        else:
            return
        desks_seen = desks_seen + 1 if holder is Holder.DESK else 0
        if desks_seen == _LOOKS:
            break
        if look == _LOOKS and holder is Holder.COMMAND:
            _log.warning(
                "a command of Nightdesk, process id %s, uses %s: waiting for it, %g s at most",
                process, folder, COMMAND_SECONDS,
            )  # fmt: skip
        pause.wait(_PAUSE_SECONDS)
    raise DataFolderBusy(_refusal(folder, holder, process))


def _signed(signature: bytes) -> tuple[Holder, str]:
    """Return as what the lock was signed, and the process id; a desk's signature is the bare number."""
    process, _, mark = signature.decode("ascii", "replace").partition("\n")[0].partition(" ")
    return (Holder.COMMAND if mark == Holder.COMMAND.value else Holder.DESK), process or "unknown"


def _refusal(folder: Path, holder: Holder, process: str) -> str:
    if holder is Holder.COMMAND:
        return (
            f"{folder} is still in use by a command of Nightdesk, process id {process}, after {COMMAND_SECONDS:g} s: "
            "try again once it has ended"
        )
    who = f"this very process ({process})" if process == str(os.getpid()) else f"the desk with process id {process}"
    where = address_in(folder)
    at = f", which answers at {where}" if where else ""
    return f"{folder} is in use by {who}{at}: talk to it, or stop it first"
