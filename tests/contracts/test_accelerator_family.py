"""The socket Family, on the fake and on every family that the table names."""

from pathlib import Path

import pytest

from nightdesk.collect.accelerators import nvml
from nightdesk.collect.accelerators.amd_gpu import AmdGpus
from nightdesk.collect.accelerators.family import Family
from nightdesk.collect.accelerators.intel_npu import IntelNpus
from nightdesk.collect.accelerators.machine import Machine
from nightdesk.collect.accelerators.nvidia import NvidiaGpus
from nightdesk.collect.accelerators.present import PresentDevices
from nightdesk.collect.accelerators.table import FAMILIES, families
from nightdesk.testing.accelerators import ScriptedFamily
from nightdesk.testing.contracts.accelerator_family import AcceleratorFamilyContract
from nightdesk.testing.machines import MachineTree, lunar_lake_laptop, rtx_desktop, strix_halo


@pytest.fixture(autouse=True)
def no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the library of NVIDIA's that this machine may have: the machines here are trees of files."""
    monkeypatch.setattr(nvml, "LIBRARY", "libnvidia-ml-hidden.so.1")


class TestScriptedFamily(AcceleratorFamilyContract):
    def make(self, machine: Machine) -> Family:
        return ScriptedFamily(machine)

    def machine(self, root: Path) -> MachineTree:
        return lunar_lake_laptop(root)


class TestIntelNpus(AcceleratorFamilyContract):
    def make(self, machine: Machine) -> Family:
        return IntelNpus(machine)

    def machine(self, root: Path) -> MachineTree:
        return lunar_lake_laptop(root)


class TestNvidiaGpus(AcceleratorFamilyContract):
    """On a machine without NVIDIA's library; with it: tests/collect/accelerators/test_nvidia.py."""

    def make(self, machine: Machine) -> Family:
        return NvidiaGpus(machine)

    def machine(self, root: Path) -> MachineTree:
        return rtx_desktop(root)


class TestAmdGpus(AcceleratorFamilyContract):
    def make(self, machine: Machine) -> Family:
        return AmdGpus(machine)

    def machine(self, root: Path) -> MachineTree:
        return strix_halo(root)


class TestPresentDevices(AcceleratorFamilyContract):
    def make(self, machine: Machine) -> Family:  # noqa: ARG002 - it reads nothing
        return PresentDevices(frozenset(FAMILIES))

    def machine(self, root: Path) -> MachineTree:
        return strix_halo(root)


def test_every_family_of_the_table_is_tried_here(tmp_path: Path) -> None:
    """A family without a class above fails this."""
    tried = {NvidiaGpus, IntelNpus, AmdGpus, PresentDevices}
    assert {type(family) for family in families(Machine(str(tmp_path), lambda: 0.0)).values()} == tried
