"""The data folder: one desk writes it, only its owner reads it, and a ballast keeps room for the last words."""

import json
import logging
import os
import shutil
import stat
from pathlib import Path
from typing import Final

from nightdesk.errors import CorruptData, DataFolderFull, NewerFormat, StoreError
from nightdesk.store.durable import file_errors, make_folder
from nightdesk.store.folder_lock import ADDRESS_FILE, Holder, address_in, desk_holding, is_held, take_lock

FOLDER_FORMAT: Final = 1
BALLAST_BYTES: Final = 2 * 1024 * 1024
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH

_log = logging.getLogger(__name__)


class DataFolder:
    """A data folder that this process holds, until `close` or the end of the process."""

    def __init__(self, path: Path, lock: int) -> None:
        """Use `DataFolder.open`; `lock` is the descriptor that holds the lock."""
        self.path = path
        self._lock = lock

    @classmethod
    def open(cls, path: Path, holder: Holder = Holder.DESK) -> "DataFolder":
        """Make the folder (mode 0700) where it is missing, take its lock, check its format, lay down the ballast.

        A command that holds it is waited for, and that is logged.

        Raises:
            DataFolderBusy: a desk holds it, or a command for too long; the message names process and address.
            NewerFormat: it was written by a newer release.
            StoreError: it cannot be made or used.
        """
        try:
            make_folder(path)
            lock = take_lock(path, holder)
        except OSError as error:
            raise StoreError(f"cannot use the data folder {path}: {error.strerror}") from error
        try:
            folder = cls(path, lock)
            folder._check_format()
        except BaseException:
            os.close(lock)
            raise
        folder.restore_ballast()
        if path.stat().st_mode & _WRITABLE_BY_OTHERS:
            _log.warning("others may write to the data folder %s, and so to its tokens: chmod 700 %s", path, path)
        return folder

    @property
    def samples(self) -> Path:
        """Folder of the sample store."""
        return self.path / "samples"

    @property
    def state_db(self) -> Path:
        """Database of alerts, outbox and history."""
        return self.path / "state.db"

    @property
    def token(self) -> Path:
        """File of the token that writes need."""
        return self.path / "token"

    @property
    def address_file(self) -> Path:
        """File that names the address of the running desk."""
        return self.path / ADDRESS_FILE

    def write_address(self, url: str) -> None:
        """Tell other programs where this desk answers, on a full disk in the ballast's room; withdrawn by `close`.

        Raises:
            DataFolderFull: not even that was enough; only who looks for the desk by its folder misses the file.
        """
        told = json.dumps({"url": url, "pid": os.getpid()})
        try:
            _write_private(self.address_file, told)
        except DataFolderFull:
            self.free_ballast()
            _write_private(self.address_file, told)

    @staticmethod
    def read_address(path: Path) -> str | None:
        """Return where the desk that holds the folder answers; None while no desk holds it or it has not said yet."""
        return address_in(path) if is_held(path) else None

    @staticmethod
    def holder(path: Path) -> int | None:
        """Return the process id of the desk that holds the folder; None while none does."""
        return desk_holding(path)

    def free_bytes(self) -> int:
        """Return how much an ordinary user can still write here."""
        return shutil.disk_usage(self.path).free

    def free_ratio(self) -> float:
        """Return the free part of the file system, 0 to 1."""
        usage = shutil.disk_usage(self.path)
        return usage.free / usage.total if usage.total else 0.0

    def free_ballast(self) -> None:
        """Give the ballast's room back to a full disk, so that alerts and messages can still be written."""
        try:
            self._ballast.unlink()
        except FileNotFoundError:
            return
        _log.error("the disk is full: the ballast is given up, so that alerts can still be kept; free space at once")

    def restore_ballast(self) -> bool:
        """Lay the ballast down again once there is twice its room; return whether it lies there."""
        if self._ballast.exists():
            return True
        if self.free_bytes() < 2 * BALLAST_BYTES:
            return False
        unfinished = self._ballast.with_name("ballast.part")
        try:
            _fill(unfinished, BALLAST_BYTES)
            unfinished.replace(self._ballast)
        except OSError:
            # No room after all: the ballast is a convenience, and its absence is what the answer says.
            unfinished.unlink(missing_ok=True)
            return False
        return True

    def close(self) -> None:
        """Withdraw the address and give up the lock."""
        self.address_file.unlink(missing_ok=True)
        os.close(self._lock)

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"

    def _check_format(self) -> None:
        """Refuse a folder of a newer release before anything in it is touched; number a new one."""
        file = self.path / "format"
        try:
            found = int(file.read_text("ascii"))
        except FileNotFoundError:
            _write_private(file, f"{FOLDER_FORMAT}\n")
            return
        except ValueError as error:
            raise CorruptData(f"{file} should hold the folder's format number, e.g. {FOLDER_FORMAT}") from error
        if found > FOLDER_FORMAT:
            raise NewerFormat(
                f"{self.path} has format {found} and this release reads up to {FOLDER_FORMAT}: upgrade Nightdesk"
            )


def _write_private(file: Path, text: str) -> None:
    """Replace a small file whole, mode 0600: a reader sees the old text or the new one, never half."""
    unfinished = file.with_name(file.name + ".part")
    with file_errors(file):
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)


def _fill(file: Path, size: int) -> None:
    """Write zeros, since an empty hole would hold no room."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        block = bytes(64 * 1024)
        for _ in range(size // len(block)):
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
