"""Machines with accelerators as trees of files below a folder: written in code, for names hold colons."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nightdesk.collect.accelerators.machine import Machine

NPU: Final = "0000:00:0b.0"
ARC: Final = "0000:00:02.0"
RTX: Final = "0000:01:00.0"


class MachineTree:
    """A `/sys` below a folder, to be written, changed and broken."""

    def __init__(self, root: Path) -> None:
        """Begin with an empty machine."""
        self.root = root
        (root / "sys").mkdir(parents=True, exist_ok=True)

    def device(
        self,
        address: str,
        driver: str,
        ids: str,
        pci_class: str,
        files: Mapping[str, str | int] | None = None,
        *,
        node: str = "",
    ) -> Path:
        """Put a device on the PCI bus: `ids` as `8086:643e`; `node` is its name below `/sys/class`, `accel/accel0`."""
        home = self.root / "sys/devices/pci0000:00" / address
        home.mkdir(parents=True)
        event = f"PCI_CLASS={pci_class}\nPCI_ID={ids.upper()}\nPCI_SLOT_NAME={address}\n"
        (home / "uevent").write_text(f"DRIVER={driver}\n{event}" if driver else event)
        self.write(home, {"vendor": f"0x{ids[:4]}", "device": f"0x{ids[5:]}", "class": f"0x{pci_class:0>6}"})
        self.write(home, {"power/runtime_status": "active", **(files or {})})
        self._link(f"sys/bus/pci/devices/{address}", home)
        if driver:
            (self.root / "sys/bus/pci/drivers" / driver).mkdir(parents=True, exist_ok=True)
            (home / "driver").symlink_to(self.root / "sys/bus/pci/drivers" / driver)
        if node:
            self._link(f"sys/class/{node}/device", home)
        return home

    def write(self, home: Path, files: Mapping[str, str | int]) -> None:
        """Write small files below a folder, each with the newline that the kernel ends them with."""
        for name, value in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{value}\n")

    def take_out(self, address: str) -> None:
        """Let a device vanish from its bus; what links to it leads nowhere then."""
        (self.root / "sys/bus/pci/devices" / address).unlink()
        home = self.root / "sys/devices/pci0000:00" / address
        home.rename(home.with_name(f"gone {address}"))

    def _link(self, path: str, home: Path) -> None:
        link = self.root / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(home, link.parent))


NPU_FILES: Final[Mapping[str, str | int]] = {
    "npu_busy_time_us": 5_000_000,
    "npu_memory_utilization": 68_714_496,
    "npu_current_frequency_mhz": 1400,
    "npu_max_frequency_mhz": 1900,
    "sched_mode": "HW",
}


def lunar_lake_laptop(root: Path) -> MachineTree:
    """Write a laptop with Intel's NPU (`intel_vpu`) and graphics (`xe`)."""
    tree = MachineTree(root)
    tree.device(NPU, "intel_vpu", "8086:643e", "120000", NPU_FILES, node="accel/accel0")
    tree.device(ARC, "xe", "8086:64a0", "30000", node="drm/card1")
    tree.write(tree.root / "sys/class/drm", {"version": "drm 1.1.0", "card1-eDP-1/status": "connected"})
    return tree


def strix_halo(root: Path) -> MachineTree:
    """Write a desktop whose chip holds CPU, GPU (`amdgpu`) and NPU (`amdxdna`) with one memory."""
    tree = MachineTree(root)
    files: dict[str, str | int] = {
        "gpu_busy_percent": 63,
        "mem_info_vram_used": 400_000_000,
        "mem_info_vram_total": 536_870_912,
        "mem_info_gtt_used": 30_000_000_000,
        "mem_info_gtt_total": 60_000_000_000,
        "hwmon/hwmon3/name": "amdgpu",
        "hwmon/hwmon3/temp1_input": 51_000,
        "hwmon/hwmon3/power1_average": 54_000_000,
        "hwmon/hwmon3/freq1_input": 2_100_000_000,
    }
    tree.device("0000:c5:00.0", "amdgpu", "1002:1586", "30000", files, node="drm/card0")
    tree.device("0000:c6:00.1", "amdxdna", "1022:17f0", "118000", node="accel/accel0")
    return tree


def radeon_desktop(root: Path) -> MachineTree:
    """Write a desktop with a Radeon that has memory of its own."""
    tree = MachineTree(root)
    files: dict[str, str | int] = {
        "product_name": "Radeon RX 7900 XTX",
        "gpu_busy_percent": 7,
        "mem_info_vram_used": 2_000_000_000,
        "mem_info_vram_total": 25_000_000_000,
        "hwmon/hwmon1/temp1_input": 41_000,
        "hwmon/hwmon1/power1_average": 33_000_000,
        "hwmon/hwmon1/power1_cap": 327_000_000,
        "hwmon/hwmon1/freq1_input": 500_000_000,
        "hwmon/hwmon1/freq2_input": 96_000_000,
    }
    tree.device("0000:03:00.0", "amdgpu", "1002:744c", "30000", files, node="drm/card0")
    return tree


def rtx_desktop(root: Path) -> MachineTree:
    """Write a desktop with one NVIDIA card, awake."""
    tree = MachineTree(root)
    tree.device(RTX, "nvidia", "10de:2684", "30000", node="drm/card0")
    return tree


def optimus_laptop(root: Path) -> MachineTree:
    """Write a laptop that draws with Intel's graphics while its NVIDIA GPU sleeps."""
    tree = MachineTree(root)
    tree.device(ARC, "i915", "8086:a7a0", "30000", node="drm/card0")
    tree.device(RTX, "nvidia", "10de:28a0", "30200", {"power/runtime_status": "suspended"}, node="drm/card1")
    return tree


def server(root: Path) -> MachineTree:
    """Write a machine whose one graphics controller only draws a console."""
    tree = MachineTree(root)
    tree.device("0000:04:00.0", "ast", "1a03:2000", "30000", node="drm/card0")
    return tree


class RecordingMachine(Machine):
    """A machine that notes every file it is asked for, and can be told to refuse some."""

    def __init__(self, root: Path) -> None:
        """Start its clock at 100 s."""
        super().__init__(str(root), lambda: self.at)
        self.at = 100.0
        self.touched: list[str] = []
        """Paths in the order they were read."""
        self.refusals: dict[str, int] = {}
        """Error numbers of the kernel by the last name of a path."""

    def text(self, path: str) -> str:
        """Read, or refuse."""
        self.touched.append(path)
        number = self.refusals.get(path.rpartition("/")[2])
        if number is not None:
            raise OSError(number, os.strerror(number))
        return super().text(path)
