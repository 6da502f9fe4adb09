"""The table of families: which driver is read by which file."""

from collections.abc import Callable, Mapping
from typing import Final

from nightdesk.collect.accelerators import amd_gpu, intel_npu, nvidia
from nightdesk.collect.accelerators.family import Family
from nightdesk.collect.accelerators.machine import Machine
from nightdesk.collect.accelerators.present import PresentDevices

FAMILIES: Final[Mapping[str, Callable[[Machine], Family]]] = {
    intel_npu.DRIVER: intel_npu.IntelNpus,
    nvidia.DRIVER: nvidia.NvidiaGpus,
    amd_gpu.DRIVER: amd_gpu.AmdGpus,
}
"""What really reads, by the name of the driver. A new family is a file beside this one and a row here."""


def families(machine: Machine) -> dict[str, Family]:
    """Return every family of a machine by its name: those of the table, and the devices that none of them reads."""
    made = {driver: make(machine) for driver, make in FAMILIES.items()}
    return {**made, "present": PresentDevices(frozenset(FAMILIES))}
