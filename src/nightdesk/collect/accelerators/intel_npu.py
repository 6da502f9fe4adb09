"""Intel's NPUs (driver `intel_vpu`): the counter of busy time, and what newer kernels give beside it.

Source: the kernel's Documentation/ABI/testing/sysfs-driver-ivpu.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from nightdesk.collect.accelerators.census import Census, Found
from nightdesk.collect.accelerators.machine import Fault, Machine, fault_of
from nightdesk.collect.accelerators.sample import (
    AcceleratorSample,
    Device,
    Kind,
    MemoryKind,
    Status,
    unmeasured,
)

DRIVER: Final = "intel_vpu"
OLDEST_SEED_SECONDS: Final = 60.0
"""A share is taken over this long at most; a device that slept longer starts anew."""
_MODELS: Final[Mapping[int, str]] = {
    0x7D1D: "Intel NPU (Meteor Lake)",
    0xAD1D: "Intel NPU (Arrow Lake)",
    0x643E: "Intel NPU (Lunar Lake)",
    0xB03E: "Intel NPU (Panther Lake)",
    0xFD3E: "Intel NPU (Wildcat Lake)",
}
_MICROSECONDS: Final = 1e-6
_MEGAHERTZ: Final = 1e6
_FAULTS: Final[Mapping[Fault, tuple[Status, str]]] = {
    Fault.UNSUPPORTED: (Status.UNSUPPORTED, "its driver counts no busy time; that needs Linux 6.11 or newer."),
    Fault.NO_PERMISSION: (Status.NO_PERMISSION, "npu_busy_time_us may not be read by this user."),
    Fault.ASLEEP: (Status.ERROR, "the kernel refuses its busy time."),
    Fault.GONE: (Status.LOST, "its driver answers that there is no such device."),
    Fault.RETRY: (Status.ERROR, "its driver is busy; the next collection asks again."),
    Fault.BROKEN: (Status.ERROR, "its busy time cannot be read."),
}


class IntelNpus:
    """The share of time in which at least one job was with the firmware, from a counter of microseconds."""

    def __init__(self, machine: Machine) -> None:
        """Read this machine; no device was seen yet."""
        self._machine = machine
        self._seeds: dict[str, tuple[int, float]] = {}
        """Busy microseconds and the monotonic instant they were read at, by device."""

    def discover(self, census: Census) -> Sequence[Device]:
        """Return what `intel_vpu` drives; that driver is the mark, not a list of known chips."""
        devices = [_device(found) for found in census if found.driver == DRIVER]
        self._seeds = {each.id: self._seeds[each.id] for each in devices if each.id in self._seeds}
        return devices

    def sample(self, device: Device) -> AcceleratorSample:
        """Read the counter and take the share since the reading before."""
        if self._machine.is_asleep(device.path):
            return unmeasured(device, Status.SUSPENDED, "")
        try:
            busy = self._machine.number(f"{device.path}/npu_busy_time_us")
        except OSError as error:
            return unmeasured(device, *_FAULTS[fault_of(error)])
        if busy is None:
            return unmeasured(device, Status.ERROR, "its busy time is not a number.")
        return self._measured(device, busy, self._machine.monotonic())

    def close(self) -> None:
        """Hold nothing."""

    def _measured(self, device: Device, busy: int, at: float) -> AcceleratorSample:
        before, then = self._seeds.get(device.id, (busy, at))
        self._seeds[device.id] = (busy, at)
        seconds = at - then
        # A counter that went back was reset, with the module or the device: the step says nothing.
        is_known = 0 < seconds <= OLDEST_SEED_SECONDS and busy >= before
        clock = self._megahertz(device, "npu_current_frequency_mhz", "freq/current_freq")
        return AcceleratorSample(
            device=device,
            status=Status.OK if is_known else Status.SEEDING,
            sources={"utilization": "ivpu.busy_time"},
            interval_seconds=seconds if is_known else None,
            utilization=min(1.0, (busy - before) * _MICROSECONDS / seconds) if is_known else None,
            busy_seconds_total=busy * _MICROSECONDS,
            memory_used=self._machine.maybe(f"{device.path}/npu_memory_utilization"),
            memory_kind=MemoryKind.UNIFIED,
            clock=clock or None,  # the driver writes 0 where it fell asleep meanwhile
            clock_max=self._megahertz(device, "npu_max_frequency_mhz", "freq/hw_max_freq"),
        )

    def _megahertz(self, device: Device, *files: str) -> float | None:
        for file in files:
            value = self._machine.maybe(f"{device.path}/{file}")
            if value is not None:
                return value * _MEGAHERTZ
        return None


def _device(found: Found) -> Device:
    model = _MODELS.get(found.product, f"Intel NPU ({found.vendor:04x}:{found.product:04x})")
    return Device(found.id, Kind.NPU, "intel", model, found.driver, found.path, found.pci_address)
