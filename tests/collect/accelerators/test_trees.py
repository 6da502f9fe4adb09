"""Recorded machines, without their hardware: what is found on each, and what is said of it."""

import asyncio
import errno
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.collect.accelerators.amd_gpu import AmdGpus
from nightdesk.collect.accelerators.census import census
from nightdesk.collect.accelerators.collector import AcceleratorCollector
from nightdesk.collect.accelerators.intel_npu import IntelNpus
from nightdesk.collect.accelerators.sample import AcceleratorSample, Kind, MemoryKind, Status
from nightdesk.testing.machines import (
    NPU,
    MachineTree,
    RecordingMachine,
    lunar_lake_laptop,
    optimus_laptop,
    radeon_desktop,
    rtx_desktop,
    server,
    strix_halo,
)


def collected(root: Path, kinds: Sequence[Kind] = tuple(Kind)) -> AcceleratorCollector:
    """Return a collector that has collected once."""
    collector = AcceleratorCollector(10.0, str(root), kinds=kinds)  # six seconds for a busy machine
    asyncio.run(collector.collect(0))
    collector.close()
    return collector


@pytest.mark.parametrize(
    ("build", "devices"),
    [
        (lunar_lake_laptop, {"pci:0000:00:0b.0": ("npu", "seeding"), "pci:0000:00:02.0": ("gpu", "unsupported")}),
        (strix_halo, {"pci:0000:c5:00.0": ("gpu", "ok"), "pci:0000:c6:00.1": ("npu", "unsupported")}),
        (radeon_desktop, {"pci:0000:03:00.0": ("gpu", "ok")}),
        (rtx_desktop, {"pci:0000:01:00.0": ("gpu", "driver_missing")}),
        (optimus_laptop, {"pci:0000:00:02.0": ("gpu", "unsupported"), "pci:0000:01:00.0": ("gpu", "suspended")}),
        (server, {}),
        (MachineTree, {}),
    ],
)
def test_each_device_of_a_machine_is_named_once(
    tmp_path: Path, build: Callable[[Path], MachineTree], devices: dict[str, tuple[str, str]]
) -> None:
    """With its kind and how it stands; what only draws, and a machine with nothing, have none."""
    build(tmp_path)
    samples = collected(tmp_path).samples
    assert {each.device.id: (each.device.kind.value, each.status.value) for each in samples} == devices


@pytest.mark.parametrize(
    ("build", "kind", "reason"),
    [
        (MachineTree, Kind.NPU, "No NPU found."),
        (server, Kind.GPU, "No GPU found."),
        (
            lunar_lake_laptop,
            Kind.NPU,
            "First value with the next collection: Intel NPU (Lunar Lake) (pci:0000:00:0b.0).",
        ),
        (
            optimus_laptop,
            Kind.GPU,
            (
                "Asleep: NVIDIA GPU (10de:28a0) (pci:0000:01:00.0). "
                "Present, not measurable: Intel GPU (8086:a7a0) (pci:0000:00:02.0); i915 tells engine time by "
                "performance events alone, which take privileges; this release reads none."
            ),
        ),
        (
            strix_halo,
            Kind.NPU,
            (
                "Present, not measurable: AMD NPU (1022:17f0) (pci:0000:c6:00.1); amdxdna tells utilization by ioctl "
                "alone, which wakes the device; this release does not ask."
            ),
        ),
        (
            rtx_desktop,
            Kind.GPU,
            (
                "Present, no driver: NVIDIA GPU (10de:2684) (pci:0000:01:00.0); libnvidia-ml.so.1 is missing; it comes "
                "with NVIDIA's driver."
            ),
        ),
    ],
)
def test_why_there_is_no_value_is_a_sentence(
    tmp_path: Path, build: Callable[[Path], MachineTree], kind: Kind, reason: str
) -> None:
    """It names the device and says what it lacks; where a device has a value there is nothing to say."""
    build(tmp_path)
    assert collected(tmp_path).reason(kind) == reason


def test_a_kind_that_is_switched_off_is_left_alone(tmp_path: Path) -> None:
    """With `gpu = false` the laptop has its NPU alone."""
    lunar_lake_laptop(tmp_path)
    assert [each.device.kind for each in collected(tmp_path, [Kind.NPU]).samples] == [Kind.NPU]


def npu_on(machine: RecordingMachine) -> Callable[[], AcceleratorSample]:
    """Return a look at the one NPU of a machine."""
    family = IntelNpus(machine)
    (device,) = family.discover(census(machine))
    return lambda: family.sample(device)


def busy(tree: MachineTree, microseconds: int) -> None:
    """Let the NPU's counter stand somewhere."""
    tree.write(tree.root / "sys/devices/pci0000:00" / NPU, {"npu_busy_time_us": microseconds})


@pytest.mark.parametrize(
    ("seconds", "microseconds", "utilization"),
    [(1.0, 370_000, 0.37), (1.7, 370_000, 0.37 / 1.7), (0.5, 600_000, 1.0), (1.0, 0, 0.0)],
)
def test_the_share_is_of_the_time_that_really_passed(
    tmp_path: Path, seconds: float, microseconds: int, utilization: float
) -> None:
    """Not of the nominal interval; a counter that is ahead of the clock is 100 %, one that stands is 0 %."""
    tree, machine = lunar_lake_laptop(tmp_path), RecordingMachine(tmp_path)
    look = npu_on(machine)
    first = look()
    assert (first.status, first.utilization, first.busy_seconds_total) == (Status.SEEDING, None, 5.0)
    machine.at += seconds
    busy(tree, 5_000_000 + microseconds)
    second = look()
    assert second.status is Status.OK
    assert second.utilization == pytest.approx(utilization, abs=1e-12)
    assert second.interval_seconds == pytest.approx(seconds)
    assert (second.memory_used, second.clock, second.clock_max) == (68_714_496, 1.4e9, 1.9e9)


@pytest.mark.parametrize("what", ["backwards", "no time", "asleep for long", "unreadable"])
def test_a_step_that_says_nothing_starts_anew(tmp_path: Path, what: str) -> None:
    """A counter that went back, no time, a minute's sleep, a read that failed: no value, and the next step is right."""
    tree, machine = lunar_lake_laptop(tmp_path), RecordingMachine(tmp_path)
    look = npu_on(machine)
    look()
    machine.at += {"no time": 0.0, "asleep for long": 61.0}.get(what, 1.0)
    if what == "backwards":
        busy(tree, 10)
    elif what == "unreadable":
        machine.refusals = {"npu_busy_time_us": errno.EIO}
        assert look().status is Status.ERROR
        machine.refusals, machine.at = {}, machine.at + 60.0
    sample = look()
    assert (sample.status, sample.utilization) == (Status.SEEDING, None)
    machine.at += 2.0
    busy(tree, round((sample.busy_seconds_total or 0) * 1e6) + 500_000)
    assert look().utilization == pytest.approx(0.25)


@given(
    st.lists(st.tuples(st.floats(0, 200), st.integers(0, 2**63), st.sampled_from(["active", "suspended"])), max_size=12)
)
@settings(max_examples=60, deadline=None)
def test_a_share_is_always_that_of_a_step_that_was_seen(steps: list[tuple[float, int, str]]) -> None:
    """Whatever the counter does, a share lies between 0 and 1, and only after a step forward of at most a minute."""
    with TemporaryDirectory() as folder:
        tree, machine = lunar_lake_laptop(Path(folder)), RecordingMachine(Path(folder))
        look, before = npu_on(machine), None
        for seconds, counter, status in steps:
            machine.at += seconds
            home = tree.root / "sys/devices/pci0000:00" / NPU
            tree.write(home, {"npu_busy_time_us": counter, "power/runtime_status": status})
            sample = look()
            if status == "suspended":
                assert (sample.status, sample.utilization) == (Status.SUSPENDED, None)
                continue
            is_step = before is not None and 0 < machine.at - before[1] <= 60 and counter >= before[0]
            assert (sample.utilization is not None) == is_step
            assert sample.utilization is None or 0 <= sample.utilization <= 1
            before = (counter, machine.at)


def test_a_nap_between_two_looks_is_part_of_the_share(tmp_path: Path) -> None:
    """An NPU that dozes off between its jobs has the share of the whole time since it was last read."""
    tree, machine = lunar_lake_laptop(tmp_path), RecordingMachine(tmp_path)
    look, home = npu_on(machine), tmp_path / "sys/devices/pci0000:00" / NPU
    look()
    tree.write(home, {"power/runtime_status": "suspended"})
    machine.at += 3.0
    assert look().status is Status.SUSPENDED
    tree.write(home, {"power/runtime_status": "active", "npu_busy_time_us": 6_000_000})
    machine.at += 1.0
    assert look().utilization == pytest.approx(0.25)


def test_an_older_kernel_has_less(tmp_path: Path) -> None:
    """Without memory and clocks the share is there; without the counter it says which kernel has it."""
    tree, machine = lunar_lake_laptop(tmp_path), RecordingMachine(tmp_path)
    home = tree.root / "sys/devices/pci0000:00" / NPU
    for name in ("npu_memory_utilization", "npu_current_frequency_mhz", "npu_max_frequency_mhz"):
        (home / name).unlink()
    look = npu_on(machine)
    look()
    machine.at += 1.0
    sample = look()
    assert (sample.utilization, sample.memory_used, sample.clock) == (0.0, None, None)
    (home / "npu_busy_time_us").unlink()
    sample = look()
    assert sample.status is Status.UNSUPPORTED
    assert "Linux 6.11" in sample.reason


def radeon(machine: RecordingMachine) -> AcceleratorSample:
    """Look at the one AMD GPU of a machine."""
    family = AmdGpus(machine)
    (device,) = family.discover(census(machine))
    return family.sample(device)


def test_a_card_with_memory_of_its_own(tmp_path: Path) -> None:
    """Utilization, memory, degrees, watts and hertz under the card's own name."""
    radeon_desktop(tmp_path)
    sample = radeon(RecordingMachine(tmp_path))
    assert sample.device.model == "Radeon RX 7900 XTX"
    assert (sample.utilization, sample.memory_used, sample.memory_kind) == (0.07, 2_000_000_000, MemoryKind.DEDICATED)
    assert (sample.temperature, sample.power, sample.power_limit, sample.clock) == (41.0, 33.0, 327.0, 5e8)


def test_a_chip_that_shares_the_machines_memory(tmp_path: Path) -> None:
    """The small part set aside at the start is no measure: both kinds are summed, and said to be shared."""
    strix_halo(tmp_path)
    sample = radeon(RecordingMachine(tmp_path))
    assert sample.memory_kind is MemoryKind.UNIFIED
    assert (sample.memory_used, sample.memory_total) == (30_400_000_000, 60_536_870_912)


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (errno.EPERM, Status.SUSPENDED),
        (errno.EACCES, Status.NO_PERMISSION),
        (errno.ENODEV, Status.LOST),
        (errno.EBUSY, Status.ERROR),
        (errno.EOPNOTSUPP, Status.UNSUPPORTED),
    ],
)
def test_what_the_kernels_refusals_mean(tmp_path: Path, number: int, status: Status) -> None:
    """EPERM is how a sleeping amdgpu answers; the others say what they say."""
    radeon_desktop(tmp_path)
    machine = RecordingMachine(tmp_path)
    machine.refusals = {"gpu_busy_percent": number}
    sample = radeon(machine)
    assert (sample.status, sample.utilization) == (status, None)


def test_a_sample_is_a_value(tmp_path: Path) -> None:
    """It cannot be changed, and equal ones are equal."""
    radeon_desktop(tmp_path)
    sample = radeon(RecordingMachine(tmp_path))
    assert replace(sample) == sample
    with pytest.raises(AttributeError):
        sample.utilization = 1.0  # type: ignore[misc] # that it cannot is what is tried
