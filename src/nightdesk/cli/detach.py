"""Starting a desk in the background: the same command without `--detach`, awaited until it is ready."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from nightdesk.app.reach import RunningDesk
from nightdesk.errors import DeskUnreachable, StoreError
from nightdesk.store.durable import make_folder
from nightdesk.store.folder import DataFolder
from nightdesk.store.folder_lock import COMMAND_SECONDS

READY_SECONDS: Final = 30.0 + COMMAND_SECONDS
"""It may have to wait for a command that uses the folder."""
LOG_FILE: Final = "desk.log"
OLD_LOG_FILE: Final = "desk.log.1"
MOST_LOG_BYTES: Final = 4 * 2**20
"""A longer log is put aside at the next start; the one put aside before is dropped."""
_POLL_SECONDS: Final = 0.05
_OURS: Final = ("--detach", "--open")
"""What this process does, and not the desk that it starts."""


def start_detached(data: Path) -> RunningDesk:
    """Start this command again in a session of its own and return the desk once it is ready.

    A desk that runs on the folder already is left alone. The log goes on from start to start.

    Raises:
        DeskUnreachable: it ended, or was not ready in time; the message holds what it printed.
        StoreError: the folder cannot be made or written.
    """
    desk = _ready_desk(data)
    if desk:
        return desk
    make_folder(data)
    log = data / LOG_FILE
    command = [sys.executable, "-m", "nightdesk", *(word for word in sys.argv[1:] if word not in _OURS)]
    output = open_log(data)
    try:
        begun = os.fstat(output).st_size
        # Its standard output announces a login, which must not lie in a file: `RunningDesk.login` makes another.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=output, start_new_session=True
        )
    finally:
        os.close(output)
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        desk = _ready_desk(data)
        if desk:
            return desk
        if process.poll() is not None:
            raise DeskUnreachable(f"the desk ended with code {process.returncode}:\n{_text_from(log, begun)}")
        time.sleep(_POLL_SECONDS)
    raise DeskUnreachable(f"the desk was not ready after {READY_SECONDS:g} s; see {log}")


def open_log(data: Path) -> int:
    """Open the log for appending, its owner's alone whatever its folder allows; put it aside first where it is long.

    Raises StoreError where the folder cannot be written.
    """
    log = data / LOG_FILE
    try:
        if log.is_file() and log.stat().st_size > MOST_LOG_BYTES:
            log.replace(data / OLD_LOG_FILE)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        # One that an older release left may be readable by others.
        log.chmod(0o600)
    except OSError as error:
        raise StoreError(f"cannot use the data folder {data}: {error.strerror}") from error
    return output


def _text_from(log: Path, begun: int) -> str:
    """Return what the log holds from a position on."""
    with log.open("rb") as file:
        file.seek(begun)
        return file.read(MOST_LOG_BYTES).decode("utf-8", "replace")


def _ready_desk(data: Path) -> RunningDesk | None:
    """Return the desk on a folder once it is ready."""
    url = DataFolder.read_address(data)
    desk = RunningDesk.at(data, url) if url else None
    return desk if desk and desk.is_ready() else None
