"""One family watched over time: its devices are looked for now and then, and looked at each time."""

from collections.abc import Collection
from typing import Final

from nightdesk.collect.accelerators.census import census
from nightdesk.collect.accelerators.family import Family
from nightdesk.collect.accelerators.machine import Machine
from nightdesk.collect.accelerators.sample import AcceleratorSample, Device, Kind, Status, unmeasured

DISCOVER_SECONDS: Final = 60.0
_WELL: Final = frozenset({Status.OK, Status.SUSPENDED, Status.SEEDING})


class FamilyWatch:
    """Blocking, for one thread alone; `devices` may be read from others."""

    def __init__(self, family: Family, machine: Machine, kinds: Collection[Kind]) -> None:
        """Watch the devices of these kinds; the first look finds them."""
        self.devices: tuple[Device, ...] = ()
        self.has_looked = False
        self._family, self._machine, self._kinds = family, machine, frozenset(kinds)
        self._discover_at = machine.monotonic()
        self._statuses: dict[str, Status] = {}

    @property
    def is_due(self) -> bool:
        """True where a look would do anything: there are devices, or it is time to look for some."""
        return bool(self.devices) or self._machine.monotonic() >= self._discover_at

    def look(self) -> list[AcceleratorSample]:
        """Return one sample a device."""
        if self._machine.monotonic() >= self._discover_at:
            self._discover()
        samples = [self._sample(device) for device in self.devices]
        statuses = {sample.device.id: sample.status for sample in samples}
        if any(status not in _WELL and self._statuses.get(name) in _WELL for name, status in statuses.items()):
            self._discover_at = self._machine.monotonic()  # what turned ill may be gone, or have come back elsewhere
        self._statuses = statuses
        return samples

    def close(self) -> None:
        """Let go of what the family holds."""
        self._family.close()

    def _discover(self) -> None:
        self._discover_at = self._machine.monotonic() + DISCOVER_SECONDS
        found = self._family.discover(census(self._machine))
        # Known to others before the first of them is asked, for that one may never answer.
        self.devices = tuple(device for device in found if device.kind in self._kinds)
        self.has_looked = True

    def _sample(self, device: Device) -> AcceleratorSample:
        try:
            return self._family.sample(device)
        except Exception as error:  # noqa: BLE001 - a fault of ours in one device costs no other its values
            return unmeasured(device, Status.ERROR, f"reading it fails: {type(error).__name__}: {error}"[:200])
