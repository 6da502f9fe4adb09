"""A real desk on a machine with accelerators: what page, API, command line and PromQL say of them."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.machines import NPU, MachineTree, lunar_lake_laptop
from nightdesk.testing.nvml import FakeNvml

CARD = "0000:01:00.0"
SETTINGS = '[accelerators]\nroot = "{root}"\n'


class Laptop:
    """A laptop whose NPU is 37 % busy while somebody looks, with a card behind the stand-in for NVIDIA's library."""

    def __init__(self, folder: Path) -> None:
        """Write it."""
        self.tree: MachineTree = lunar_lake_laptop(folder / "machine")
        self.tree.device(CARD, "nvidia", "10de:28a0", "30200")
        self.nvml = FakeNvml(folder / "nvml")
        self.nvml.device(0)
        self.settings = SETTINGS.format(root=self.tree.root)
        self._begun = time.monotonic()

    def sleep(self) -> None:
        """Let the card sleep."""
        self._power("suspended")

    def wake(self) -> None:
        """Let somebody use the card."""
        self._power("active")

    def _power(self, status: str) -> None:
        home = self.tree.root / "sys/devices/pci0000:00" / CARD
        self.tree.write(home, {"power/runtime_status": status})

    def compute(self) -> None:
        """Let the NPU's counter go on as it does at 37 %."""
        busy = 5_000_000 + round(370_000 * (time.monotonic() - self._begun))
        home = self.tree.root / "sys/devices/pci0000:00" / NPU
        if home.exists():
            aside = home / "npu_busy_time_us.new"
            aside.write_text(f"{busy}\n")
            aside.rename(home / "npu_busy_time_us")


def vital(desk: DeskProcess, name: str) -> dict[str, Any]:
    """Return one vital as the API has it."""
    found: dict[str, Any] = next(each for each in desk.json("/api/desk/vitals")["vitals"] if each["name"] == name)
    return found


def test_values_losses_and_what_a_restart_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values are told everywhere; after a restart, at once: a card that sleeps is asleep, an NPU that is gone lost."""
    laptop = Laptop(tmp_path)
    for name, value in laptop.nvml.environment.items():
        monkeypatch.setenv(name, value)
    with DeskProcess(tmp_path, settings=laptop.settings) as desk:

        def known(name: str) -> dict[str, Any] | None:
            laptop.compute()
            found = vital(desk, name)
            return found if found["value"] is not None else None

        gpu = wait_until(lambda: known("gpu_utilization"), 20, "the GPU's value")
        assert gpu["value"] == pytest.approx(37)
        assert [part["labels"]["device"] for part in gpu["parts"]] == [f"pci:{CARD}"]
        wait_until(lambda: (found := known("npu_utilization")) and 15 < found["value"] < 60, 20, "the NPU's value")
        told = json.loads(desk.command("vitals", "--json").stdout)
        assert {each["name"]: each["value"] for each in told["vitals"]}["gpu_utilization"] == pytest.approx(37)
        assert [len(desk.query(f'accelerator_up{{kind="{kind}"}} == 1')) for kind in ("npu", "gpu")] == [1, 2]
        assert desk.query('100 * accelerator_utilization_ratio{kind="gpu"} == bool gpu_utilization:device')
    laptop.tree.take_out(NPU)
    laptop.sleep()
    with DeskProcess(tmp_path, settings=laptop.settings) as desk:
        wait_until(lambda: desk.query('accelerator_status{status="suspended"} == 1'), 20, "the card to be seen asleep")
        assert desk.query('accelerator_status{status="ok"} == 1') == []
        reason = wait_until(lambda: vital(desk, "gpu_utilization")["reason"], 15, "what was measured before to be old")
        assert reason.startswith(f"Asleep: NVIDIA GPU (10de:28a0) (pci:{CARD})")
        assert vital(desk, "npu_utilization")["reason"].startswith("Lost: Intel NPU (Lunar Lake)")
        laptop.nvml.set({"0.error": 15})
        laptop.wake()
        lost = f"(pci:{CARD}); NVML says that it is lost"
        wait_until(lambda: lost in vital(desk, "gpu_utilization")["reason"], 20, "the GPU to be lost")
        assert lost in desk.command("status").stdout
        wait_until(lambda: len(desk.query('ALERTS{alertname=~"GpuLost|NpuLost"}')) == 2, 10, "one alert a device")


def test_a_machine_without_any_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No value, no level, no alarm: the same sentence from the API and on the screen."""
    for name, value in FakeNvml(tmp_path / "nvml").environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "machine" / "sys").mkdir(parents=True)
    with DeskProcess(tmp_path, settings=SETTINGS.format(root=tmp_path / "machine")) as desk:
        wait_until(lambda: desk.query('up{job="accelerator"}'), 20, "the first look")
        shown = desk.command("vitals").stdout
        for name, sentence in (("npu_utilization", "No NPU found."), ("gpu_utilization", "No GPU found.")):
            found = vital(desk, name)
            assert (found["value"], found["reason"], found["level"]) == (None, sentence, "none")
            assert sentence in shown


def test_what_is_switched_off_says_so(tmp_path: Path) -> None:
    """The reason names the setting."""
    with DeskProcess(tmp_path, settings="[accelerators]\nnpu = false\ngpu = false\n") as desk:
        assert vital(desk, "npu_utilization")["reason"] == "Not measured: [accelerators] npu = false."
        assert desk.query('up{job="accelerator"}') == []
