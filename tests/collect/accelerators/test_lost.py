"""Devices that were there: what is lost is said to be, what hangs costs its own values, and nothing is made up."""

import asyncio
import logging
from pathlib import Path

import pytest

from nightdesk.collect.accelerators.attended import AttendedFamily
from nightdesk.collect.accelerators.collector import AcceleratorCollector
from nightdesk.collect.accelerators.points import points_of
from nightdesk.collect.accelerators.roll import Roll
from nightdesk.collect.accelerators.sample import AcceleratorSample, Device, Kind, Status, unmeasured
from nightdesk.collect.accelerators.watch import DISCOVER_SECONDS, FamilyWatch
from nightdesk.collect.points import Pairs
from nightdesk.testing.accelerators import ScriptedFamily
from nightdesk.testing.machines import NPU, RecordingMachine, lunar_lake_laptop

CARD = Device("pci:0000:01:00.0", Kind.GPU, "nvidia", "Card", "nvidia")
WELL = AcceleratorSample(device=CARD, status=Status.OK, utilization=0.5)


def test_what_is_not_found_any_more_is_lost() -> None:
    """It keeps its labels, has no values, and is well again when it is back."""
    roll = Roll()
    assert roll.call([WELL], is_whole=True) == [WELL]
    (lost,) = roll.call([], is_whole=True)
    assert (lost.device, lost.status, lost.utilization) == (CARD, Status.LOST, None)
    assert roll.call([WELL], is_whole=True) == [WELL]


def test_what_was_there_before_the_start_is_missed_once_everything_was_looked_at() -> None:
    """Not before: a driver that takes its time is no loss."""
    roll = Roll([CARD])
    assert roll.call([], is_whole=False) == []
    (lost,) = roll.call([], is_whole=True)
    assert (lost.device, lost.status) == (CARD, Status.LOST)


def test_a_device_whose_driver_let_go_of_it_is_lost() -> None:
    """Whoever computed on it cannot; one that never had a driver is merely without."""
    bare = unmeasured(Device(CARD.id, Kind.GPU, "nvidia", "Card"), Status.DRIVER_MISSING, "no driver.")
    assert Roll().call([bare], is_whole=True) == [bare]
    roll = Roll()
    roll.call([WELL], is_whole=True)
    (lost,) = roll.call([bare], is_whole=True)
    assert lost.status is Status.LOST


def test_each_trouble_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """However many looks see it; its end is logged too."""
    caplog.set_level(logging.INFO)
    roll = Roll()
    for sample in (WELL, *[unmeasured(CARD, Status.ERROR, f"has not answered for {n} s.") for n in range(9)], WELL):
        roll.call([sample], is_whole=True)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_series_of_a_lost_device() -> None:
    """Up is 0, one status holds, and there is nothing else."""
    points = {
        (name, dict(labels).get("status")): value
        for name, labels, value in points_of(Roll([CARD]).call([], is_whole=True)[0])
    }
    assert points["accelerator_up", None] == 0.0
    assert [status for (name, status), value in points.items() if name == "accelerator_status" and value] == ["lost"]
    assert {name for name, _ in points} == {"accelerator_info", "accelerator_up", "accelerator_status"}


def test_a_name_is_no_part_of_what_a_device_is() -> None:
    """The series of a sleeper that has no name yet are those of the device that woke: joins and restarts go by them."""
    sleeper = unmeasured(Device(CARD.id, Kind.GPU, "nvidia", "GPU (10de:28a0)"), Status.SUSPENDED, "")

    def series(sample: AcceleratorSample) -> set[tuple[str, Pairs]]:
        return {(name, labels) for name, labels, _ in points_of(sample) if name != "accelerator_info"}

    assert series(sleeper) < series(WELL)
    (called,) = (dict(labels) for name, labels, _ in points_of(WELL) if name == "accelerator_info")
    assert called == {"device": CARD.id, "kind": "gpu", "vendor": "nvidia", "model": "Card", "driver": "nvidia"}


def watched(tmp_path: Path) -> tuple[RecordingMachine, ScriptedFamily, FamilyWatch]:
    """Watch a scripted family on the laptop."""
    lunar_lake_laptop(tmp_path)
    machine = RecordingMachine(tmp_path)
    family = ScriptedFamily(machine)
    return machine, family, FamilyWatch(family, machine, tuple(Kind))


def test_devices_are_looked_for_once_a_minute_and_when_one_turns_ill(tmp_path: Path) -> None:
    """Not with every look, and not again and again while it stays ill."""
    machine, family, watch = watched(tmp_path)
    watch.look()

    def searches() -> int:
        found = sum(path.endswith("accel0/device/uevent") for path in machine.touched)
        machine.touched.clear()
        return found

    assert searches() == 1
    watch.look()
    assert searches() == 0
    machine.at += DISCOVER_SECONDS
    watch.look()
    assert searches() == 1
    family.status = Status.LOST
    watch.look()
    assert searches() == 0
    watch.look()
    assert searches() == 1
    watch.look()
    assert searches() == 0


def test_a_family_without_devices_is_asked_once_a_minute(tmp_path: Path) -> None:
    """A machine without accelerators pays for no look."""
    machine = RecordingMachine(tmp_path)
    watch = FamilyWatch(ScriptedFamily(machine), machine, tuple(Kind))
    due = [watch.is_due]
    watch.look()
    due.append(watch.is_due)
    machine.at += DISCOVER_SECONDS
    due.append(watch.is_due)
    assert due == [True, False, True]


def test_a_fault_of_ours_in_one_device_is_its_own(tmp_path: Path) -> None:
    """It stands as an error with what was raised; nothing leaves the watch."""
    _, family, watch = watched(tmp_path)
    family.raises = ValueError("not a driver that we know")
    (sample,) = watch.look()
    assert sample.status is Status.ERROR
    assert "ValueError" in sample.reason


def test_a_family_that_hangs_answers_in_time(tmp_path: Path) -> None:
    """Its last values stand for 5 s, then none do, after 30 s its devices are lost; then it is well again."""
    machine, family, watch = watched(tmp_path)
    attended = AttendedFamily("scripted", watch, machine)

    async def night() -> list[tuple[Status, float | None]]:
        seen = []
        for seconds in (0.0, 1.0, 5.0, 20.0, 10.0):
            machine.at += seconds
            (sample,) = await attended.samples(0.05)
            seen.append((sample.status, sample.utilization))
            family.answers.clear()
        family.answers.set()
        for _ in range(100):
            (sample,) = await attended.samples(0.05)
            if sample.status is Status.OK:
                break
        seen.append((sample.status, sample.utilization))
        return seen

    family.utilization = 0.5
    try:
        assert asyncio.run(night()) == [
            (Status.OK, 0.5),
            (Status.OK, 0.5),
            (Status.ERROR, None),
            (Status.ERROR, None),
            (Status.LOST, None),
            (Status.OK, 0.5),
        ]
    finally:
        family.answers.set()
        attended.close()


def test_a_driver_that_hangs_from_the_start_hides_no_device(tmp_path: Path) -> None:
    """Devices are found before the first of them is asked."""
    machine, family, watch = watched(tmp_path)
    family.answers.clear()
    attended = AttendedFamily("scripted", watch, machine)

    async def night() -> list[Status]:
        first = [sample.status for sample in await attended.samples(0.2)]
        machine.at += 31
        return first + [sample.status for sample in await attended.samples(0.05)]

    try:
        assert asyncio.run(night()) == [Status.SEEDING, Status.LOST]
    finally:
        family.answers.set()
        attended.close()


def test_an_npu_that_is_taken_out_is_lost_within_two_looks(tmp_path: Path) -> None:
    """Its files are gone, so it is looked for at once, and not found."""
    tree = lunar_lake_laptop(tmp_path)
    collector = AcceleratorCollector(10.0, str(tmp_path), kinds=[Kind.NPU])

    async def night() -> list[Status]:
        seen = []
        for turn in range(4):
            await collector.collect(0)
            (sample,) = collector.samples
            seen.append(sample.status)
            if turn == 1:
                tree.take_out(NPU)
        return seen

    assert asyncio.run(night()) == [Status.SEEDING, Status.OK, Status.UNSUPPORTED, Status.LOST]
    collector.close()
    assert (collector.reason(Kind.NPU) or "").startswith(
        "Lost: Intel NPU (Lunar Lake) (pci:0000:00:0b.0); it was there"
    )
