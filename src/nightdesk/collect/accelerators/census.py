"""Which accelerators the kernel shows, whatever drives them; read from sysfs alone, which wakes no device."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nightdesk.collect.accelerators.machine import Machine

_CARD: Final = re.compile(r"card[0-9]+")
_PCI_ADDRESS: Final = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
_HEX: Final = re.compile(r"(0x)?([0-9a-fA-F]{1,8})")
_DISPLAY: Final = 0x03
_PROCESSING: Final = 0x12
"""The PCI classes of display controllers and of processing accelerators, by their first byte."""


@dataclass(frozen=True, slots=True)
class Found:
    """One device: where it is, what it is by its PCI numbers (0 where it is on no PCI bus), and who drives it."""

    path: str
    name: str
    """PCI address, or the name a device tree gave it."""
    driver: str = ""
    vendor: int = 0
    product: int = 0
    pci_class: int = 0
    is_accel: bool = False
    """The kernel itself calls it a computing accelerator (`/sys/class/accel`)."""

    @property
    def pci_address(self) -> str:
        """Its PCI address, empty where it has none."""
        return self.name if _PCI_ADDRESS.fullmatch(self.name) else ""

    @property
    def id(self) -> str:
        """What it is called for as long as it stays where it is."""
        return f"pci:{self.name}" if self.pci_address else f"dt:{self.name}"

    @property
    def is_display(self) -> bool:
        """True for display controllers."""
        return self.pci_class >> 16 == _DISPLAY

    @property
    def is_processing(self) -> bool:
        """True for what is an accelerator by its PCI class or by the kernel's word."""
        return self.is_accel or self.pci_class >> 16 == _PROCESSING


Census = Sequence[Found]


def census(machine: Machine) -> Census:
    """Return every accelerator and display controller once, sorted by name.

    They are looked for as accelerators, as graphics cards, on the PCI bus, and among devices that scale their
    frequency (where vendors' kernels show NPUs); one that is seen in several places is one device.
    """
    found: dict[str, Found] = {}
    for each in (*_accelerators(machine), *_cards(machine), *_on_pci(machine), *_scaling(machine)):
        found.setdefault(each.name, each)
    return [found[name] for name in sorted(found)]


def _accelerators(machine: Machine) -> Iterator[Found]:
    for name in machine.names("sys/class/accel"):
        yield _look(machine, f"sys/class/accel/{name}/device", name, is_accel=True)


def _cards(machine: Machine) -> Iterator[Found]:
    for name in machine.names("sys/class/drm"):
        if _CARD.fullmatch(name):
            found = _look(machine, f"sys/class/drm/{name}/device", name)
            if found.is_display:
                yield found


def _on_pci(machine: Machine) -> Iterator[Found]:
    for name in machine.names("sys/bus/pci/devices"):
        found = _look(machine, f"sys/bus/pci/devices/{name}", name)
        if found.is_display or found.is_processing:
            yield found


def _scaling(machine: Machine) -> Iterator[Found]:
    for name in machine.names("sys/class/devfreq"):
        if "npu" in name:
            path = f"sys/class/devfreq/{name}/device"
            yield Found(path, name, _driver(machine, path, {}) or "rknpu", is_accel=True)


def _look(machine: Machine, path: str, name: str, *, is_accel: bool = False) -> Found:
    event = dict(
        line.split("=", 1) for line in machine.word(f"{path}/uevent").splitlines() if "=" in line and line.isprintable()
    )
    vendor, _, product = event.get("PCI_ID", "").partition(":")
    own_name = event.get("PCI_SLOT_NAME", "").lower() or machine.linked(path) or name
    return Found(
        path=path,
        name=own_name[:128],
        driver=_driver(machine, path, event),
        vendor=_hex(vendor or machine.word(f"{path}/vendor")),
        product=_hex(product or machine.word(f"{path}/device")),
        pci_class=_hex(event.get("PCI_CLASS") or machine.word(f"{path}/class")),
        is_accel=is_accel,
    )


def _driver(machine: Machine, path: str, event: dict[str, str]) -> str:
    return (event.get("DRIVER") or machine.linked(f"{path}/driver"))[:128]


def _hex(text: str) -> int:
    match = _HEX.fullmatch(text)
    return int(match[2], 16) if match else 0
