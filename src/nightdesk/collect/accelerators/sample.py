"""What is known of one accelerator at one instant; every field but the identity may be unknown, and then it is None."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType


class Kind(Enum):
    """What an accelerator is for; the label `kind`."""

    NPU = "npu"
    GPU = "gpu"


class Status(Enum):
    """How a device stands; the label `status` of `accelerator_status`."""

    OK = "ok"
    SUSPENDED = "suspended"
    """Asleep. It is left alone: a look would wake it."""
    SEEDING = "seeding"
    """A counter was read for the first time: its share comes with the next collection."""
    NO_PERMISSION = "no_permission"
    DRIVER_MISSING = "driver_missing"
    """The device is there, and nothing that could speak for it."""
    UNSUPPORTED = "unsupported"
    """Present, not measurable: its driver tells no utilization, or none that this release reads."""
    LOST = "lost"
    """It was there and does not answer any more."""
    ERROR = "error"


class Throttle(Enum):
    """Why a clock is held down; the label `reason` of `accelerator_throttled`."""

    POWER_CAP = "power_cap"
    """The power limit is reached: what full load looks like, and no fault."""
    SOFTWARE_THERMAL = "software_thermal"
    """The driver slows the device because it, or its memory, is hot."""
    HARDWARE_THERMAL = "hardware_thermal"
    """The device halves its clock, or worse, because it is too hot."""
    POWER_BRAKE = "power_brake"
    """The power supply demands less."""
    HARDWARE_SLOWDOWN = "hardware_slowdown"
    """The device slows itself down without saying why."""


class MemoryKind(Enum):
    """Whose memory it is; the label `memory`."""

    DEDICATED = "dedicated"
    """The device's own: full is full."""
    UNIFIED = "unified"
    """The machine's, shared with the CPU: the numbers are those the driver gave out so far."""


@dataclass(frozen=True, slots=True)
class Device:
    """One accelerator as it was found. `id` outlives restarts: a PCI address, a vendor's UUID, a device-tree name."""

    id: str
    kind: Kind
    vendor: str
    model: str
    driver: str = ""
    path: str = ""
    """Its folder below the root, empty where sysfs has none."""
    pci_address: str = ""
    """`0000:01:00.0`, empty for what is on no PCI bus."""

    @property
    def title(self) -> str:
        """What a message calls it."""
        return f"{self.model} ({self.id})" if self.model else self.id


_NOWHERE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceleratorSample:
    """One look at one device, in base units: ratios 0 to 1, seconds, bytes, degrees Celsius, watts, joules, hertz."""

    device: Device
    status: Status
    reason: str = ""
    """Why there is no utilization, as a sentence; empty where there is one."""
    sources: Mapping[str, str] = field(default_factory=lambda: _NOWHERE)
    """Where a field comes from, by its name: `ivpu.busy_time`, `nvml`, `amdgpu.busy`."""
    interval_seconds: float | None = None
    """Time the utilization is about, where we took it from a counter."""

    utilization: float | None = None
    busy_seconds_total: float | None = None
    memory_bandwidth: float | None = None
    """Share of time in which the device's memory was read or written."""

    memory_used: int | None = None
    memory_total: int | None = None
    memory_kind: MemoryKind = MemoryKind.DEDICATED

    temperature: float | None = None
    power: float | None = None
    power_limit: float | None = None
    energy_total: float | None = None
    clock: float | None = None
    clock_max: float | None = None
    fan: float | None = None
    throttled: frozenset[Throttle] | None = None
    """Why the clock is held down, empty where it is not; None where the device does not say."""


def unmeasured(device: Device, status: Status, reason: str) -> AcceleratorSample:
    """Return a sample that says no more than how the device stands, and why."""
    return AcceleratorSample(device=device, status=status, reason=reason)
