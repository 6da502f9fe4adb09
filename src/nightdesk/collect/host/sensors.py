"""Temperatures, fans and voltages: hwmon chips and thermal zones."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from nightdesk.collect.host.files import HostFiles, Point

_FILE: Final = re.compile(
    r"(temp|fan|in|curr|power|energy|humidity)(\d+)_(input|max|min|crit|crit_alarm|alarm|average)"
)
_UNITS: Final = {
    "temp": ("celsius", 1e-3),
    "fan": ("rpm", 1.0),
    "in": ("volts", 1e-3),
    "curr": ("amps", 1e-3),
    "power": ("watt", 1e-6),
    "energy": ("joule_total", 1e-6),
    "humidity": ("percent", 1e-3),
}
"""Unit and scale by kind of sensor (the kernel's Documentation/hwmon/sysfs-interface)."""


def hwmon(files: HostFiles) -> Iterator[Point]:
    """Yield `node_hwmon_<kind>_<unit>{chip,sensor}` and limits, alarms, and the chips' and sensors' names."""
    for folder in files.sys_names("class/hwmon"):
        path = f"class/hwmon/{folder}"
        names = files.sys_names(path)
        chip = _plain(files.sys(f"{path}/name")) + f"_{folder}" if "name" in names else folder
        yield "node_hwmon_chip_names", (("chip", chip), ("chip_name", chip.removesuffix(f"_{folder}"))), 1.0
        for name in names:
            match = _FILE.fullmatch(name)
            if match:
                yield from _reading(files, f"{path}/{name}", chip, match)
            elif name.endswith("_label"):
                labels = (("chip", chip), ("label", files.sys(f"{path}/{name}")), ("sensor", name[: -len("_label")]))
                yield "node_hwmon_sensor_label", labels, 1.0


def _reading(files: HostFiles, path: str, chip: str, match: "re.Match[str]") -> Iterator[Point]:
    kind, number, field = match.groups()
    try:
        value = float(files.sys(path))
    except OSError:
        return  # a sensor that is asleep or not wired answers with an error; its neighbours are well
    unit, scale = _UNITS[kind]
    labels = (("chip", chip), ("sensor", kind + number))
    if field.endswith("alarm"):
        yield f"node_hwmon_{kind}_{field}", labels, value
    else:
        middle = "" if field == "input" else f"{field}_"
        yield f"node_hwmon_{kind}_{middle}{unit}", labels, value * scale


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9:_]+", "_", name.lower()).strip("_")


def thermal(files: HostFiles) -> Iterator[Point]:
    """Yield `node_thermal_zone_temp{type,zone}` in degrees Celsius, and the state of cooling devices."""
    for folder in files.sys_names("class/thermal"):
        path = f"class/thermal/{folder}"
        # As with hwmon: a zone whose sensor is asleep answers with an error, and its neighbours are well.
        with suppress(OSError):
            if folder.startswith("thermal_zone"):
                labels = (("type", files.sys(f"{path}/type")), ("zone", folder.removeprefix("thermal_zone")))
                yield "node_thermal_zone_temp", labels, float(files.sys(f"{path}/temp")) / 1000
            elif folder.startswith("cooling_device"):
                labels = (("name", folder.removeprefix("cooling_device")), ("type", files.sys(f"{path}/type")))
                yield "node_cooling_device_cur_state", labels, float(files.sys(f"{path}/cur_state"))
                yield "node_cooling_device_max_state", labels, float(files.sys(f"{path}/max_state"))
