"""Examining a desk from outside: its folder, disk, databases, clock, port, and whether its channels can be reached."""

import ctypes
import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from nightdesk.app.doctor.channels import examine_channels
from nightdesk.app.doctor.finding import Diagnosis, Finding, Found, Patient
from nightdesk.app.doctor.samples import examine_samples
from nightdesk.app.settings.safety import refuse_unsafe
from nightdesk.errors import CorruptData, NightdeskError, Refused, StoreError
from nightdesk.store.folder import DataFolder
from nightdesk.store.inventory import Kind, files_of
from nightdesk.store.sqlite import damage_of

_LOW_RATIO: Final = 0.10
_FULL_RATIO: Final = 0.02
_GIBIBYTE: Final = 2**30
_TIME_ERROR: Final = 5
"""What adjtimex(2) returns while the kernel's clock is not synchronised."""


def examine(patient: Patient) -> Iterator[Diagnosis]:
    """Yield what every examination finds, as it is found; one that fails says so and the others go on."""
    for part, examination in EXAMINATIONS:
        try:
            yield from (Diagnosis(part, finding, text) for finding, text in examination(patient))
        except (OSError, NightdeskError) as error:
            yield Diagnosis(part, Finding.CRITICAL, f"cannot be examined: {error}")


def _folder(patient: Patient) -> Found:
    data = patient.data
    if not data.exists():
        yield Finding.OK, f"{data} is not there yet; nightdesk up makes it"
        return
    if not (data / "format").is_file():
        yield Finding.CRITICAL, f"no desk has used {data}; name another folder with --data, or start a desk on it"
        return
    mode = stat.S_IMODE(data.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        yield Finding.WARNING, f"{data} can be entered by others (mode {mode:04o}); run: chmod 700 {data}"
    elif not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding.CRITICAL, f"{data} cannot be written by this user"
    else:
        yield Finding.OK, f"{data} is private and can be written"


def _lock(patient: Patient) -> Found:
    holder = DataFolder.holder(patient.data)
    if holder is None:
        yield Finding.OK, "no desk holds the folder"
        return
    url = DataFolder.read_address(patient.data)
    yield Finding.OK, f"held by the desk with process id {holder}" + (f", which answers at {url}" if url else "")


def _disk(patient: Patient) -> Found:
    place = next(folder for folder in (patient.data, *patient.data.parents) if folder.exists())
    usage = shutil.disk_usage(place)
    free = usage.free / usage.total if usage.total else 0.0
    text = f"{usage.free / _GIBIBYTE:.1f} GiB free ({free:.0%}) on the file system of {place}"
    if free < _FULL_RATIO:
        yield Finding.CRITICAL, f"{text}; free some, or shorten the retention"
    elif free < _LOW_RATIO:
        yield Finding.WARNING, f"{text}; it will be full soon"
    else:
        yield Finding.OK, text


def _databases(patient: Patient) -> Found:
    # Only what a desk writes: a folder named by mistake may hold anybody's databases.
    is_ours = (patient.data / "format").is_file()
    files = list(files_of(patient.data)) if is_ours else []
    for name in (name for name, kind in files if kind is Kind.ASIDE):
        text = "it was found damaged and set aside, what it held is missing; remove it once nobody wants to look"
        yield Finding.WARNING, f"{patient.data / name}: {text}"
    ours = [(patient.data / name, kind) for name, kind in files if kind.format is not None]
    for file, kind in ours:
        yield from _database(file, kind)
    yield Finding.OK, f"{len(ours)} databases checked"


def _database(file: Path, kind: Kind) -> Found:
    try:
        damage = damage_of(file, kind.format)
    except CorruptData as error:
        damage = [str(error)]
    except StoreError as error:
        if file.exists():
            yield Finding.WARNING, f"{file} cannot be examined: {error}"
        return
    if damage:
        yield Finding.CRITICAL, f"{file} is damaged: {damage[0]}; restore it from a backup"


def _clock(_: Patient) -> Found:
    state = _clock_state()
    if state is None:
        yield Finding.OK, "whether the clock is synchronised cannot be asked here"
    elif state == _TIME_ERROR:
        yield Finding.WARNING, "the clock is not synchronised; run an NTP client, or alerts carry wrong times"
    else:
        yield Finding.OK, "the clock is synchronised"


def _clock_state() -> int | None:
    """Ask the kernel how its clock is kept; None where that cannot be asked."""
    if not sys.platform.startswith("linux"):
        return None
    # The structure is far smaller than this; zero modes mean: only tell, change nothing.
    state: int = ctypes.CDLL(None, use_errno=True).ntp_adjtime(ctypes.create_string_buffer(1024))
    return state if state >= 0 else None


def _port(patient: Patient) -> Found:
    desk = patient.settings.desk
    if DataFolder.holder(patient.data) is not None:
        yield Finding.OK, f"port {desk.port} is not tried while the desk runs"
        return
    family = socket.AF_INET6 if ":" in desk.bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((desk.bind, desk.port))
        except OSError as error:
            yield (
                Finding.CRITICAL,
                f"{desk.bind} port {desk.port} cannot be taken: {error.strerror}; choose another port",
            )
        else:
            yield Finding.OK, f"{desk.bind} port {desk.port} is free"


def _safety(patient: Patient) -> Found:
    try:
        refuse_unsafe(patient.settings)
    except Refused as error:
        yield Finding.CRITICAL, str(error)
    else:
        yield Finding.OK, "nothing in the settings exposes the desk"


EXAMINATIONS: Final[Sequence[tuple[str, Callable[[Patient], Found]]]] = (
    ("data folder", _folder),
    ("lock", _lock),
    ("disk", _disk),
    ("samples", examine_samples),
    ("databases", _databases),
    ("clock", _clock),
    ("port", _port),
    ("safety", _safety),
    ("channels", examine_channels),
)
"""Every examination with the part it is about, in the order of the report."""
