"""What every family of accelerators keeps to; subclass, give `make` and `machine`, and the methods run on yours."""

import os
import time
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from nightdesk.collect.accelerators.census import census
from nightdesk.collect.accelerators.family import Family
from nightdesk.collect.accelerators.machine import Machine
from nightdesk.collect.accelerators.sample import AcceleratorSample, Status
from nightdesk.testing.machines import MachineTree, RecordingMachine, lunar_lake_laptop, optimus_laptop, strix_halo

_QUICK_SECONDS = 1.0
_STATUS_FILES = ("runtime_status", "uevent")
_GARBAGE = (b"\x00\xff\xfe garbage \x80" * 40, b"9" * 1_048_576, b"", b"-1\n", b"1e9\n", b"\xef\xbc\x95\n", b"nan")


class AcceleratorFamilyContract(ABC):
    """The contract of `nightdesk.collect.accelerators.family.Family`."""

    @abstractmethod
    def make(self, machine: Machine) -> Family:
        """Return a family that reads this machine."""

    @abstractmethod
    def machine(self, root: Path) -> MachineTree:
        """Write a machine with at least one device of this family."""

    def test_an_empty_machine_has_none(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """Without a single file nothing is found, at once and without a word."""
        found, _ = self._looked(RecordingMachine(tmp_path))
        assert found == []
        assert capfd.readouterr() == ("", "")

    def test_its_devices_are_found_with_names_that_last(self, tmp_path: Path) -> None:
        """Identity is where a device sits, not a number that the kernel gave it this time."""
        self.machine(tmp_path)
        first, samples = self._looked(RecordingMachine(tmp_path))
        assert first
        assert first == self._looked(RecordingMachine(tmp_path))[0]
        for sample in samples:
            assert sample.device.id.startswith(("pci:", "dt:"))
            assert sample.device.model
            assert sample.device.vendor
            assert (sample.utilization is None) or 0 <= sample.utilization <= 1
            assert sample.utilization is not None or sample.status is not Status.OK

    def test_other_machines_are_not_its_business(self, tmp_path: Path) -> None:
        """No device is two families': whoever drives it decides."""
        for number, build in enumerate((lunar_lake_laptop, strix_halo, optimus_laptop)):
            root = tmp_path / str(number)
            build(root)
            machine = RecordingMachine(root)
            ids = [device.id for device in self.make(machine).discover(census(machine))]
            assert len(ids) == len(set(ids))

    def test_a_device_that_sleeps_is_left_alone(self, tmp_path: Path) -> None:
        """Nothing of it is read but whether it sleeps."""
        tree = self.machine(tmp_path)
        for status in tree.root.glob("sys/devices/*/*/power/runtime_status"):
            status.write_text("suspended\n")
        machine = RecordingMachine(tmp_path)
        family = self.make(machine)
        devices = family.discover(census(machine))
        machine.touched.clear()
        samples = [family.sample(device) for device in devices]
        assert [path for path in machine.touched if not path.endswith(_STATUS_FILES)] == []
        assert all(sample.utilization is None for sample in samples)

    def test_a_hostile_machine_hurts_nobody(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """Folders and pipes for files, garbage, lines of a megabyte: quick, nothing raised, printed or made up."""
        for number, content in enumerate((None, b"pipe", *_GARBAGE)):
            tree = self.machine(tmp_path / str(number))
            machine = RecordingMachine(tree.root)
            family = self.make(machine)
            devices = family.discover(census(machine))
            for path in [each for each in tree.root.glob("sys/devices/**/*") if each.is_file()]:
                path.unlink()
                if content is None:
                    path.mkdir()
                elif content == b"pipe":
                    os.mkfifo(path)
                else:
                    path.write_bytes(content)
            begun = time.monotonic()
            samples = [family.sample(device) for device in devices]
            self._looked(machine)
            assert time.monotonic() - begun < _QUICK_SECONDS
            assert all(sample.utilization is None or 0 <= sample.utilization <= 1 for sample in samples)
        assert capfd.readouterr() == ("", "")

    def test_whatever_the_kernel_refuses_is_an_answer(self, tmp_path: Path) -> None:
        """Each error number ends in a status, for every file a family reads; nothing is raised."""
        self.machine(tmp_path)
        machine = RecordingMachine(tmp_path)
        self._looked(machine)
        names = {path.rpartition("/")[2] for path in machine.touched} - {"uevent"}
        for number in (1, 2, 4, 5, 6, 11, 13, 16, 19, 21, 22, 95):
            machine.refusals = dict.fromkeys(names, number)
            _, samples = self._looked(machine)
            assert all(sample.utilization is None for sample in samples)

    def _looked(self, machine: Machine) -> tuple[list[str], list[AcceleratorSample]]:
        begun = time.monotonic()
        family = self.make(machine)
        devices = family.discover(census(machine))
        samples = [family.sample(device) for device in devices]
        family.close()
        assert time.monotonic() - begun < _QUICK_SECONDS
        return [device.id for device in devices], samples
