"""Examining what samples take on the disk, against the bound that the settings give."""

import shutil
from pathlib import Path
from typing import Final

from nightdesk.app.doctor.finding import Finding, Found, Patient

_GIBIBYTE: Final = 2**30
_SPARE: Final = 1.05
"""How far a bound may be passed before it is a finding: files are written before old ones go."""


def examine_samples(patient: Patient) -> Found:
    """Say how much samples take, and whether the bound holds and can be held."""
    folder = patient.data / "samples"
    if not folder.is_dir():
        yield Finding.OK, "no samples are kept yet"
        return
    taken, most = _size(folder), patient.settings.retention.bytes
    if most is None:
        yield Finding.OK, f"samples take {taken / _GIBIBYTE:.2f} GiB; no bound by bytes is set"
        return
    text = f"samples take {taken / _GIBIBYTE:.2f} GiB of the {most / _GIBIBYTE:.2f} GiB of [retention] bytes"
    free = shutil.disk_usage(folder).free
    if taken > _SPARE * most:
        yield Finding.WARNING, f"{text}; older days go once a desk runs with these settings"
    elif taken + free < most:
        yield (
            Finding.WARNING,
            f"{text}, and only {free / _GIBIBYTE:.2f} GiB are free: the disk is full before; lower it",
        )
    else:
        yield Finding.OK, text


def _size(folder: Path) -> int:
    """Return the bytes of all files; one that goes meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total
