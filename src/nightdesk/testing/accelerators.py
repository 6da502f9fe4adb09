"""A family of accelerators that does as it is told: the fake of `nightdesk.collect.accelerators.family.Family`."""

import threading
from collections.abc import Sequence

from nightdesk.collect.accelerators.census import Census
from nightdesk.collect.accelerators.machine import Machine
from nightdesk.collect.accelerators.sample import AcceleratorSample, Device, Kind, Status, unmeasured


class ScriptedFamily:
    """Finds what the kernel shows of `driver`; each device is as busy as `utilization` says, or stands as `status`."""

    def __init__(self, machine: Machine, driver: str = "intel_vpu") -> None:
        """Begin well and idle."""
        self._machine, self._driver = machine, driver
        self.utilization, self.status = 0.0, Status.OK
        self.raises: Exception | None = None
        """What a look raises, which no family should."""
        self.answers = threading.Event()
        """Clear it, and the next look hangs until it is set."""
        self.answers.set()
        self.looks, self.closed = 0, 0

    def discover(self, census: Census) -> Sequence[Device]:
        """Return the devices of the driver."""
        return [
            Device(found.id, Kind.NPU, "scripted", "Scripted NPU", found.driver, found.path, found.pci_address)
            for found in census
            if found.driver == self._driver
        ]

    def sample(self, device: Device) -> AcceleratorSample:
        """Answer as told; a device that sleeps is asleep whatever was told."""
        self.looks += 1
        self.answers.wait(60)
        if self.raises is not None:
            raise self.raises
        if self._machine.is_asleep(device.path):
            return unmeasured(device, Status.SUSPENDED, "")
        if self.status is not Status.OK or not self._machine.word(f"{device.path}/power/runtime_status"):
            return unmeasured(device, self.status if self.status is not Status.OK else Status.ERROR, "as told.")
        return AcceleratorSample(device=device, status=Status.OK, utilization=self.utilization)

    def close(self) -> None:
        """Count."""
        self.closed += 1
