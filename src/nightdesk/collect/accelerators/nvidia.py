"""NVIDIA's GPUs (driver `nvidia`), found by sysfs and measured by NVML, which is asked about devices that are awake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from nightdesk.collect.accelerators.census import Census, Found
from nightdesk.collect.accelerators.machine import Machine
from nightdesk.collect.accelerators.nvidia_fields import NvidiaFields
from nightdesk.collect.accelerators.nvml import LIBRARY, Nvml, Refusal
from nightdesk.collect.accelerators.sample import AcceleratorSample, Device, Kind, Status, unmeasured

DRIVER: Final = "nvidia"
LONGEST_REST_SECONDS: Final = 300.0
_VENDOR: Final = 0x10DE
_UNIVERSAL: Final[Mapping[Refusal, tuple[Status, str]]] = {
    Refusal.UNSUPPORTED: (Status.UNSUPPORTED, "NVML does not know this device."),
    Refusal.NO_PERMISSION: (Status.NO_PERMISSION, "NVML refuses this user; /dev/nvidia* may not be readable."),
    Refusal.LIBRARY_MISSING: (Status.DRIVER_MISSING, f"{LIBRARY} is missing; it comes with NVIDIA's driver."),
    Refusal.DRIVER_NOT_LOADED: (Status.DRIVER_MISSING, "NVML says that the kernel driver is not loaded."),
    Refusal.VERSION_MISMATCH: (
        Status.ERROR,
        "NVIDIA's library and kernel driver are of different releases since an update; restart the machine.",
    ),
    Refusal.NOT_FOUND: (Status.ERROR, "NVML does not find it."),
    Refusal.LOST: (Status.LOST, "NVML says that it is lost; it takes a reset, or a restart of the machine."),
    Refusal.RETRY: (Status.ERROR, "NVML fails."),
}


@dataclass(frozen=True, slots=True)
class _Rest:
    """A device that is left alone until an instant: asking a sick one each second makes it worse."""

    until: float
    seconds: float
    status: Status
    reason: str


class NvidiaGpus:
    """Each GPU is gated by its PCI device: one that sleeps is not asked about, and NVML is closed when all sleep."""

    def __init__(self, machine: Machine, nvml: Nvml | None = None) -> None:
        """Read this machine; NVML is loaded when the first device is awake."""
        self._machine, self._nvml = machine, nvml or Nvml()
        self._devices: Mapping[str, Device] = {}
        self._handles: dict[str, Any] = {}
        self._fields: dict[str, NvidiaFields] = {}
        self._models: dict[str, str] = {}
        """Names of the devices that NVML answered for."""
        self._awake: set[str] = set()
        self._resting: dict[str, _Rest] = {}

    def discover(self, census: Census) -> Sequence[Device]:
        """Return the devices that sysfs shows; where it shows none of NVIDIA's, as in WSL, those NVML knows."""
        shown = [_device(found) for found in census if found.driver == DRIVER]
        if not shown and not any(found.vendor == _VENDOR for found in census):
            shown = self._enumerated()
        self._devices = {device.id: device for device in shown}
        return shown

    def sample(self, device: Device) -> AcceleratorSample:
        """Ask NVML, unless the device sleeps or rests."""
        device = replace(device, model=self._models.get(device.id, device.model))
        if device.path and self._machine.is_asleep(device.path):
            return self._left_asleep(device)
        self._awake.add(device.id)
        rest = self._resting.get(device.id)
        if rest is not None and self._machine.monotonic() < rest.until:
            return unmeasured(device, rest.status, rest.reason)
        handle = self._handle(device)
        if isinstance(handle, Refusal):
            return self._refused(device, handle)
        sample = self._fields.setdefault(device.id, NvidiaFields(self._nvml)).sample(device, handle)
        if isinstance(sample, Refusal):
            return self._refused(device, sample)
        self._models[device.id] = sample.device.model
        self._resting.pop(device.id, None)
        return sample

    def close(self) -> None:
        """Let go of NVML."""
        self._handles.clear()
        self._nvml.close()

    def _left_asleep(self, device: Device) -> AcceleratorSample:
        self._awake.discard(device.id)
        if not self._awake:
            self.close()
        return unmeasured(device, Status.SUSPENDED, "")

    def _handle(self, device: Device) -> Any:
        """Return NVML's handle of a device. By its address, for going through them by number wakes them all."""
        if device.id not in self._handles and not device.pci_address:
            self._enumerated()
            return self._handles.get(device.id, Refusal.NOT_FOUND)
        if device.id not in self._handles:
            handle = self._nvml.call("nvmlDeviceGetHandleByPciBusId", device.pci_address.encode())
            if handle is Refusal.UNSUPPORTED and self._awake.issuperset(self._devices):
                handle = self._counted().get(device.pci_address, Refusal.NOT_FOUND)
            if isinstance(handle, Refusal):
                return handle
            self._handles[device.id] = handle
        return self._handles[device.id]

    def _refused(self, device: Device, refusal: Refusal) -> AcceleratorSample:
        status, reason = _UNIVERSAL[refusal]
        if refusal is Refusal.NOT_FOUND and device.id in self._models:
            status, reason = Status.LOST, "NVML does not find it any more."
        if status is Status.LOST:
            self.close()  # a library that lost a device finds it again only after being opened anew
        before = self._resting.get(device.id)
        seconds = min(LONGEST_REST_SECONDS, 2 * before.seconds if before else 1.0)
        self._resting[device.id] = _Rest(self._machine.monotonic() + seconds, seconds, status, reason)
        return unmeasured(device, status, reason)

    def _counted(self) -> dict[str, Any]:
        """Return every handle NVML has, by PCI address."""
        found: dict[str, Any] = {}
        for handle in self._all_handles():
            info = self._nvml.call("nvmlDeviceGetPciInfo", handle)
            if not isinstance(info, Refusal):
                found[_address(info.busId)] = handle
        return found

    def _enumerated(self) -> list[Device]:
        """Return the devices of a machine whose sysfs shows none: by UUID, with nobody to ask whether they sleep."""
        devices = []
        if self._nvml.is_installed():
            for number, handle in enumerate(self._all_handles()):
                uuid = self._nvml.call("nvmlDeviceGetUUID", handle)
                name = f"nvidia:{number if isinstance(uuid, Refusal) else uuid}"
                devices.append(Device(name, Kind.GPU, "nvidia", "NVIDIA GPU", DRIVER))
                self._handles[name] = handle
            if not devices:
                self.close()
        return devices

    def _all_handles(self) -> list[Any]:
        count = self._nvml.call("nvmlDeviceGetCount")
        if isinstance(count, Refusal):
            return []
        handles = [self._nvml.call("nvmlDeviceGetHandleByIndex", number) for number in range(count)]
        return [handle for handle in handles if not isinstance(handle, Refusal)]


def _device(found: Found) -> Device:
    model = f"NVIDIA GPU ({found.vendor:04x}:{found.product:04x})"
    return Device(found.id, Kind.GPU, "nvidia", model, found.driver, found.path, found.pci_address)


def _address(bus_id: str) -> str:
    """Write NVML's `00000000:01:00.0` as the kernel does, `0000:01:00.0`."""
    domain, _, rest = bus_id.lower().partition(":")
    return f"{domain[-4:] if len(domain) > 4 and not domain[:-4].strip('0') else domain}:{rest}"
