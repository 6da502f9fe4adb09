"""AMD's GPUs (driver `amdgpu`), from the small files of sysfs and hwmon.

Source: the kernel's amdgpu_pm.c. EPERM means that the device sleeps or is being reset, never a want of permission.
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

DRIVER: Final = "amdgpu"
_FAULTS: Final[Mapping[Fault, tuple[Status, str]]] = {
    Fault.UNSUPPORTED: (Status.UNSUPPORTED, "this chip has no gpu_busy_percent."),
    Fault.NO_PERMISSION: (Status.NO_PERMISSION, "gpu_busy_percent may not be read by this user."),
    Fault.ASLEEP: (Status.SUSPENDED, ""),
    Fault.GONE: (Status.LOST, "its driver answers that there is no such device."),
    Fault.RETRY: (Status.ERROR, "its driver is busy; the next collection asks again."),
    Fault.BROKEN: (Status.ERROR, "gpu_busy_percent cannot be read."),
}
_MILLI: Final = 1e-3
_MICRO: Final = 1e-6


class AmdGpus:
    """The share that the chip's own firmware gives."""

    def __init__(self, machine: Machine) -> None:
        """Read this machine."""
        self._machine = machine
        self._sensors: dict[str, str] = {}
        """The folder of a device's sensors, by device."""

    def discover(self, census: Census) -> Sequence[Device]:
        """Return what `amdgpu` drives."""
        found = [each for each in census if each.driver == DRIVER]
        self._sensors = {each.id: self._hwmon(each) for each in found}
        return [self._device(each) for each in found]

    def sample(self, device: Device) -> AcceleratorSample:
        """Read what is there."""
        if self._machine.is_asleep(device.path):
            return unmeasured(device, Status.SUSPENDED, "")
        try:
            busy = self._machine.number(f"{device.path}/gpu_busy_percent")
        except OSError as error:
            return unmeasured(device, *_FAULTS[fault_of(error)])
        if busy is None:
            return unmeasured(device, Status.ERROR, "gpu_busy_percent is not a number.")
        sensors = self._sensors.get(device.id, "")
        used, total, kind = self._memory(device, sensors)
        power = self._sensor(sensors, "power1_average", _MICRO)
        return AcceleratorSample(
            device=device,
            status=Status.OK,
            sources={"utilization": "amdgpu.busy"},
            utilization=min(1.0, busy / 100),
            memory_used=used,
            memory_total=total,
            memory_kind=kind,
            temperature=self._sensor(sensors, "temp1_input", _MILLI),
            power=self._sensor(sensors, "power1_input", _MICRO) if power is None else power,
            power_limit=self._sensor(sensors, "power1_cap", _MICRO) or None,  # 0 means that there is none
            clock=self._sensor(sensors, "freq1_input", 1.0),
        )

    def close(self) -> None:
        """Hold nothing."""

    def _memory(self, device: Device, sensors: str) -> tuple[int | None, int | None, MemoryKind]:
        """Return memory used, in all, and of which kind: a chip with a CPU beside it has no clock of own memory."""
        used = self._machine.maybe(f"{device.path}/mem_info_vram_used")
        total = self._machine.maybe(f"{device.path}/mem_info_vram_total")
        if self._sensor(sensors, "freq2_input", 1.0) is not None:
            return used, total, MemoryKind.DEDICATED
        # There most of what a model takes is the machine's memory (GTT), beside a small part set aside at the start.
        gtt_used = self._machine.maybe(f"{device.path}/mem_info_gtt_used")
        gtt_total = self._machine.maybe(f"{device.path}/mem_info_gtt_total")
        return _sum(used, gtt_used), _sum(total, gtt_total), MemoryKind.UNIFIED

    def _sensor(self, sensors: str, file: str, scale: float) -> float | None:
        value = self._machine.maybe(f"{sensors}/{file}") if sensors else None
        return None if value is None else value * scale

    def _hwmon(self, found: Found) -> str:
        names = self._machine.names(f"{found.path}/hwmon")
        return f"{found.path}/hwmon/{names[0]}" if names else ""

    def _device(self, found: Found) -> Device:
        name = self._machine.word(f"{found.path}/product_name")[:128]
        model = name if name.isprintable() and name else f"AMD GPU ({found.vendor:04x}:{found.product:04x})"
        return Device(found.id, Kind.GPU, "amd", model, found.driver, found.path, found.pci_address)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
