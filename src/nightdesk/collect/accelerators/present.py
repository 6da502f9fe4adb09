"""Devices that are there and cannot be measured: each is named, with the reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nightdesk.collect.accelerators.census import Census, Found
from nightdesk.collect.accelerators.sample import AcceleratorSample, Device, Kind, Status, unmeasured


@dataclass(frozen=True, slots=True)
class _Driver:
    kind: Kind
    vendor: str
    reason: str


_PMU: Final = "tells engine time by performance events alone, which take privileges; this release reads none."
_NO_COUNTER: Final = "tells no utilization."
_DRIVERS: Final[Mapping[str, _Driver]] = {
    "amdxdna": _Driver(
        Kind.NPU, "amd", "tells utilization by ioctl alone, which wakes the device; this release does not ask."
    ),
    "rknpu": _Driver(
        Kind.NPU, "rockchip", "tells its load in debugfs alone, for root; this release does not look there."
    ),
    "rocket": _Driver(Kind.NPU, "rockchip", _NO_COUNTER),
    "qaic": _Driver(Kind.NPU, "qualcomm", _NO_COUNTER),
    "habanalabs": _Driver(Kind.NPU, "intel", "is not read by this release."),
    "ethosu": _Driver(Kind.NPU, "arm", _NO_COUNTER),
    "i915": _Driver(Kind.GPU, "intel", _PMU),
    "xe": _Driver(Kind.GPU, "intel", _PMU),
    "nouveau": _Driver(Kind.GPU, "nvidia", "tells no utilization; NVIDIA's own driver does."),
    "radeon": _Driver(Kind.GPU, "amd", _NO_COUNTER),
    "vfio-pci": _Driver(Kind.GPU, "", "keeps the device for a virtual machine, which alone can measure it."),
}
_VENDORS: Final[Mapping[int, str]] = {0x10DE: "nvidia", 0x1002: "amd", 0x1022: "amd", 0x8086: "intel"}
_NAMES: Final[Mapping[str, str]] = {"nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel", "rockchip": "Rockchip"}


class PresentDevices:
    """Accelerators of known drivers that nobody here reads, and those for which no driver is loaded."""

    def __init__(self, measured: Collection[str]) -> None:
        """Leave out what other families measure, by driver."""
        self._measured = measured

    def discover(self, census: Census) -> Sequence[Device]:
        """Return them; a display controller that only draws (a server's, a virtual machine's) is no accelerator."""
        return [_device(found) for found in census if found.driver not in self._measured and _is_ours(found)]

    def sample(self, device: Device) -> AcceleratorSample:
        """Say why it is not measured."""
        if not device.driver:
            return unmeasured(device, Status.DRIVER_MISSING, "no driver is loaded for it.")
        row = _DRIVERS.get(device.driver)
        reason = row.reason if row else "is a driver that this release does not know."
        return unmeasured(device, Status.UNSUPPORTED, f"{device.driver} {reason}")

    def close(self) -> None:
        """Hold nothing."""


def _is_ours(found: Found) -> bool:
    if found.driver == "vfio-pci":
        return found.is_processing or found.vendor in _VENDORS
    if found.driver in _DRIVERS or found.is_processing:
        return True
    return not found.driver and found.vendor in _VENDORS


def _device(found: Found) -> Device:
    row = _DRIVERS.get(found.driver)
    kind = Kind.NPU if found.is_processing else row.kind if row else Kind.GPU
    vendor = (row.vendor if row else "") or _VENDORS.get(found.vendor, "unknown")
    numbers = f" ({found.vendor:04x}:{found.product:04x})" if found.vendor else ""
    model = f"{_NAMES.get(vendor, vendor.capitalize())} {kind.value.upper()}{numbers}"
    return Device(found.id, kind, vendor, model, found.driver, found.path, found.pci_address)
