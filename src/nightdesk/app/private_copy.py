"""A data folder that cannot be written, as on a read-only mount: a private copy of it is asked, and gone afterwards.

Opening a folder takes its lock, replays the journal and sets damaged files aside: all of that is writing.
"""

import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nightdesk.errors import DataFolderFull, StoreError
from nightdesk.store.inventory import files_of
from nightdesk.store.snapshot import take_snapshot

MOST_BYTES: Final = 4 * 2**30
"""A larger folder is for a person to copy to where there is room: temporary files may lie in memory."""


def may_write(data: Path) -> bool:
    """Tell whether this process may write to a folder."""
    return os.access(data, os.W_OK)


def demand_folder(data: Path) -> None:
    """Refuse what is no data folder, or cannot be looked into. Raises StoreError, which says what would be right."""
    try:
        is_one = (data / "format").is_file()
    except PermissionError as error:
        raise StoreError(f"{data} cannot be read by this user; ask as its owner: {_as_owner(data)}") from error
    if not is_one:
        raise StoreError(f"{data} is not a data folder of Nightdesk; name one with --data, or start a desk on it")


@contextmanager
def private_copy(data: Path) -> Iterator[Path]:
    """Give a copy of a data folder while this context lasts; the folder itself is only read.

    Raises:
        StoreError: some of it cannot be read, it is too large, or there is no room for it.
    """
    try:
        size = sum((data / name).stat().st_size for name, _ in files_of(data))
    except PermissionError as error:
        raise StoreError(
            f"{error.filename} cannot be read by this user; ask as its owner: {_as_owner(data)}"
        ) from error
    if size > MOST_BYTES:
        raise StoreError(
            f"{data} cannot be written, and with {size / 2**30:.1f} GiB it is too large to be copied for one question:"
            f" cp -a {data} COPY, and ask that with --data COPY"
        )
    with tempfile.TemporaryDirectory(prefix="nightdesk-") as room:
        copy = Path(room) / "data"
        try:
            take_snapshot(data, copy)
        except DataFolderFull as error:
            raise StoreError(
                f"{data} cannot be written, and there is no room for a copy: {error}; set TMPDIR"
            ) from error
        except StoreError as error:
            raise StoreError(f"{error}; ask as the owner of the folder: {_as_owner(data)}") from error
        yield copy


def _as_owner(data: Path) -> str:
    """Return how a command is run as the owner of a folder."""
    number = data.stat().st_uid
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = f"'#{number}'"
    return f"sudo -u {name} nightdesk ..."
