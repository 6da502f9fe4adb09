"""NVIDIA's GPUs through the real nvidia-ml-py on a compiled stand-in for the driver's library."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightdesk.testing.desk import wait_until
from nightdesk.testing.machines import RTX, MachineTree, rtx_desktop
from nightdesk.testing.nvml import BUSY, FakeNvml

CARD = f"pci:{RTX}"
SECOND_CARD = "pci:0000:02:00.0"


class Looker:
    """The process that looks, and what it is asked."""

    def __init__(self, tree: MachineTree, nvml: FakeNvml, interval: float = 10.0) -> None:
        """Start it; a driver that hangs costs most of `interval` a look, and a busy machine needs some of it."""
        self.tree, self.nvml = tree, nvml
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("child.py")), str(tree.root), str(interval)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **nvml.environment},
        )

    def look(self) -> dict[str, Any]:
        """Collect once."""
        answer: dict[str, Any] = self._ask("look")
        return answer

    def card(self, name: str = CARD) -> dict[str, Any]:
        """Collect once and return one device."""
        found: dict[str, Any] = self.look()["devices"][name]
        return found

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self._ask(f"pass {seconds}")

    def close(self) -> None:
        """End the process; it must end by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            assert self._process.wait(10) == 0
        finally:
            self._process.kill()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def _ask(self, line: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> FakeNvml:
    """Compile the stand-in once."""
    return FakeNvml(tmp_path_factory.mktemp("nvml"))


@pytest.fixture
def nvml(library: FakeNvml) -> FakeNvml:
    """One card at 37 %, and no calls yet."""
    library.unset(*library.keys())
    library.device(0)
    library.forget_calls()
    return library


@pytest.fixture
def looker(tmp_path: Path, nvml: FakeNvml) -> Iterator[Looker]:
    """Look at a desktop with one card."""
    looker = Looker(rtx_desktop(tmp_path), nvml)
    yield looker
    looker.close()


def test_values_in_base_units(looker: Looker) -> None:
    """Percent becomes a ratio, milliwatts watts; the name is the driver's, the identity the PCI address."""
    assert looker.card() == {
        "id": CARD,
        "model": "NVIDIA Stand-In 0",
        "status": "ok",
        "reason": "",
        "utilization": 0.37,
        "used": 6_000_000_000,
        "power": 250.5,
        "temperature": 61.0,
        "throttled": [],
    }


def test_what_is_not_supported_is_absent_and_not_asked_again(looker: Looker) -> None:
    """A card without memory of its own (GB10) and without a fan has the rest; three looks ask for either once."""
    looker.nvml.unset("0.total", "0.fan")
    for _ in range(3):
        card = looker.card()
        assert (card["status"], card["utilization"], card["used"]) == ("ok", 0.37, None)
    calls = looker.nvml.calls()
    assert calls.count("nvmlDeviceGetMemoryInfo 0") == 1
    assert calls.count("nvmlDeviceGetFanSpeed 0") == 1
    assert calls.count("nvmlDeviceGetUtilizationRates 0") == 3


def test_a_device_that_never_tells_its_utilization_says_so(looker: Looker) -> None:
    """A device that is cut into parts (MIG) has memory and no utilization: not 0, and with the reason."""
    looker.nvml.unset("0.gpu")
    answer = looker.look()
    assert answer["devices"][CARD]["utilization"] is None
    assert answer["devices"][CARD]["used"] == 6_000_000_000
    assert answer["reason"].startswith("Present, not measurable: NVIDIA Stand-In 0")


def test_an_older_driver(looker: Looker) -> None:
    """Functions that it lacks have an older form, or are done without; the card is found among all when all wake."""
    lacking = ("DeviceGetHandleByPciBusId", "DeviceGetTemperatureV", "DeviceGetCurrentClocksEventReasons")
    looker.nvml.set({f"without.nvml{name}": 1 for name in lacking})
    card = looker.card()
    assert (card["status"], card["utilization"], card["temperature"], card["throttled"]) == ("ok", 0.37, 61.0, [])


@pytest.mark.parametrize(
    ("bits", "reasons"),
    [
        (0x01, []),
        (0x04, ["power_cap"]),
        (0x08, ["hardware_slowdown"]),
        (0x08 | 0x40, ["hardware_thermal"]),
        (0x20 | 0x80 | 0x08, ["power_brake", "software_thermal"]),
    ],
)
def test_why_a_clock_is_held_down(looker: Looker, bits: int, reasons: list[str]) -> None:
    """By name; the hardware's slowdown stands alone only where it gives no reason."""
    looker.nvml.set({"0.throttled": bits})
    assert looker.card()["throttled"] == reasons


def test_a_device_that_sleeps_is_never_asked(looker: Looker) -> None:
    """While it sleeps not one call reaches the library; awake it is measured; asleep again the library is closed."""
    home = looker.tree.root / "sys/devices/pci0000:00" / RTX
    looker.tree.write(home, {"power/runtime_status": "suspended"})
    for _ in range(3):
        answer = looker.look()
        assert answer["devices"][CARD]["status"] == "suspended"
        assert answer["devices"][CARD]["utilization"] is None
    assert answer["reason"].startswith("Asleep: ")
    assert looker.nvml.calls() == []
    looker.tree.write(home, {"power/runtime_status": "active"})
    assert looker.card()["utilization"] == 0.37
    looker.nvml.forget_calls()
    looker.tree.write(home, {"power/runtime_status": "suspended"})
    looker.look()
    looker.look()
    assert looker.nvml.calls() == ["nvmlShutdown -1"]


def test_a_sleeper_beside_one_that_works_is_left_alone(tmp_path: Path, nvml: FakeNvml) -> None:
    """Only the card that is awake is asked for, by its address; going through them by number would wake both."""
    tree = rtx_desktop(tmp_path)
    tree.device("0000:02:00.0", "nvidia", "10de:2684", "30200", {"power/runtime_status": "suspended"})
    nvml.device(1)
    looker = Looker(tree, nvml)
    try:
        devices = looker.look()["devices"]
        assert (devices[CARD]["utilization"], devices[SECOND_CARD]["status"]) == (0.37, "suspended")
        assert [call for call in nvml.calls() if call.endswith(" 1")] == []
        assert "nvmlShutdown -1" not in nvml.calls()
    finally:
        looker.close()


def test_a_device_that_is_lost_and_comes_back(looker: Looker) -> None:
    """Lost at once, without values, and left alone for longer each time; a reset brings it back."""
    assert looker.card()["status"] == "ok"
    looker.nvml.set({"0.error": 15})
    assert looker.card()["status"] == "lost"
    looker.nvml.forget_calls()
    assert looker.card()["status"] == "lost"
    assert looker.nvml.calls() == []
    looker.pass_(1.5)
    assert looker.card()["status"] == "lost"
    assert "nvmlInit -1" in looker.nvml.calls()
    looker.nvml.unset("0.error")
    assert looker.card()["status"] == "lost"
    looker.pass_(3)
    card = looker.card()
    assert (card["status"], card["utilization"]) == ("ok", 0.37)


def test_a_lost_device_takes_no_other_with_it(tmp_path: Path, nvml: FakeNvml) -> None:
    """The other card has its values in the same look."""
    tree = rtx_desktop(tmp_path)
    tree.device("0000:02:00.0", "nvidia", "10de:2684", "30200")
    nvml.device(1, {**BUSY, "gpu": 80})
    nvml.set({"0.error": 15})
    looker = Looker(tree, nvml)
    try:
        for _ in range(2):
            devices = looker.look()["devices"]
            assert devices[CARD]["status"] == "lost"
            assert devices[SECOND_CARD]["utilization"] == 0.8
    finally:
        looker.close()


def test_a_device_that_vanishes_from_its_bus_is_lost(looker: Looker) -> None:
    """It is said to be lost for as long as the desk runs, and under its name."""
    assert looker.card()["status"] == "ok"
    looker.tree.take_out(RTX)
    looker.nvml.set(devices=0)
    looker.pass_(61)
    card = looker.card()
    assert (card["status"], card["model"], card["utilization"]) == ("lost", "NVIDIA Stand-In 0", None)


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [(9, "driver_missing", "not loaded"), (18, "error", "restart the machine"), (4, "no_permission", "refuses")],
)
def test_a_library_that_does_not_open(looker: Looker, code: int, status: str, word: str) -> None:
    """Each reason has its status and says what helps; it is tried again, ever more rarely."""
    looker.nvml.set({"init.error": code})
    answer = looker.look()
    assert answer["devices"][CARD]["status"] == status
    assert word in answer["reason"]
    looker.look()
    assert looker.nvml.calls().count("nvmlInit -1") == 1
    looker.nvml.unset("init.error")
    looker.pass_(2)
    assert looker.card()["status"] == "ok"


def test_a_driver_that_hangs_costs_its_own_values_alone(tmp_path: Path, nvml: FakeNvml) -> None:
    """The collection comes in time all the same; first the last values stand, then none, after 30 s it is lost."""
    looker = Looker(rtx_desktop(tmp_path), nvml, interval=1.0)
    try:
        wait_until(lambda: looker.card()["status"] == "ok", 20, "the first values")
        looker.nvml.set(hang=1)
        assert looker.card()["status"] == "ok"
        looker.pass_(6)
        card = looker.card()
        assert (card["status"], card["utilization"]) == ("error", None)
        looker.pass_(30)
        card = looker.card()
        assert (card["status"], card["utilization"]) == ("lost", None)
        assert "has not answered for" in card["reason"]
        looker.nvml.unset("hang")
        wait_until(lambda: looker.card()["status"] == "ok", 10, "the driver answers again")
    finally:
        looker.close()


def test_where_sysfs_shows_none_the_library_is_asked(tmp_path: Path, nvml: FakeNvml) -> None:
    """As in WSL: the devices are those it counts, named by their UUID."""
    looker = Looker(MachineTree(tmp_path), nvml)
    try:
        assert looker.card("nvidia:GPU-0000-0")["utilization"] == 0.37
    finally:
        looker.close()
