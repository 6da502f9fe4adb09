"""How well this machine's clock is kept: offset, error and state as the kernel's clock discipline has them."""

import ctypes
from collections.abc import Iterator
from typing import ClassVar, Final

from nightdesk.collect.host.files import NO_LABELS, HostFiles, Point

_MICRO: Final = 1e-6
_NANO: Final = 1e-9
_STATUS_NANO: Final = 0x2000
"""Set where offset and jitter are in nanoseconds."""
_STATE_ERROR: Final = 5
"""The state of a clock that nobody keeps in time."""
_PPM: Final = 1 / (65_536 * 1e6)
"""Frequencies are in parts per million, scaled by 2^16."""


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2)."""

    _fields_: ClassVar = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("padding", ctypes.c_int * 11),
    ]


def timex(_: HostFiles) -> Iterator[Point]:
    """Yield `node_timex_*`: `offset_seconds` off true time, `sync_status` 0 where nothing keeps the clock."""
    now = _Timex()  # modes is 0: read, change nothing
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(now))
    if state < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")
    unit = _NANO if now.status & _STATUS_NANO else _MICRO
    values = {
        "offset_seconds": now.offset * unit,
        "frequency_adjustment_ratio": 1 + now.freq * _PPM,
        "maxerror_seconds": now.maxerror * _MICRO,
        "estimated_error_seconds": now.esterror * _MICRO,
        "status": now.status,
        "sync_status": state != _STATE_ERROR,
        "loop_time_constant": now.constant,
        "tick_seconds": now.tick * _MICRO,
        "pps_frequency_hertz": now.ppsfreq * _PPM,
        "pps_jitter_seconds": now.jitter * unit,
        "pps_shift_seconds": now.shift,
        "pps_stability_hertz": now.stabil * _PPM,
        "pps_jitter_total": now.jitcnt,
        "pps_calibration_total": now.calcnt,
        "pps_error_total": now.errcnt,
        "pps_stability_exceeded_total": now.stbcnt,
        "tai_offset_seconds": now.tai,
    }
    for name, value in values.items():
        yield f"node_timex_{name}", NO_LABELS, float(value)
