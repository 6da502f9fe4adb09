"""CPU time of a collection of accelerators, on trees of files: none, two NPUs with four AMD cards, four of NVIDIA's.

    python benchmarks/accelerators.py --rounds 300

NVIDIA's cards answer through the real nvidia-ml-py from a compiled stand-in, whose own work (it reads a file at each
call) is part of the figure.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from nightdesk.collect.accelerators.collector import AcceleratorCollector
from nightdesk.testing.machines import NPU_FILES, MachineTree
from nightdesk.testing.nvml import FakeNvml

CARD: Mapping[str, str | int] = {
    "gpu_busy_percent": 7,
    "mem_info_vram_used": 2_000_000_000,
    "mem_info_vram_total": 25_000_000_000,
    "hwmon/hwmon1/temp1_input": 41_000,
    "hwmon/hwmon1/power1_average": 33_000_000,
    "hwmon/hwmon1/power1_cap": 327_000_000,
    "hwmon/hwmon1/freq1_input": 500_000_000,
    "hwmon/hwmon1/freq2_input": 96_000_000,
}


def machine(root: Path, driver: str) -> None:
    """Write two NPUs and four cards of a driver, or nothing."""
    tree = MachineTree(root)
    if driver == "none":
        return
    for number in (0, 1):
        tree.device(f"0000:00:0{number + 1}.0", "intel_vpu", "8086:643e", "120000", NPU_FILES)
    ids = "1002:744c" if driver == "amdgpu" else "10de:2684"
    for number in range(4):
        tree.device(f"0000:0{number + 1}:00.0", driver, ids, "30000", CARD)


async def measure(root: Path, driver: str, rounds: int) -> None:
    """Print the CPU time of a collection with its threads and arrays."""
    collector = AcceleratorCollector(1.0, str(root))
    await collector.collect(0)
    begun, samples = time.process_time(), 0
    for number in range(rounds):
        samples = len(await collector.collect(number))
    milliseconds = (time.process_time() - begun) / rounds * 1000
    collector.close()
    print(f"{driver:<7} {samples:>4} series  {milliseconds:.2f} ms CPU a collection")


def main() -> None:
    """Measure each machine in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--driver", choices=("none", "amdgpu", "nvidia"))
    asked = parser.parse_args()
    if asked.driver is None:
        for driver in ("none", "amdgpu", "nvidia"):
            command = [sys.executable, __file__, "--rounds", str(asked.rounds), "--driver", driver]
            with TemporaryDirectory() as folder:
                nvml = FakeNvml(Path(folder))
                for number in range(4):
                    nvml.device(number)
                found = {**nvml.environment, "NVML_LOG": ""} if driver == "nvidia" else {}
                environment = {**os.environ, **found}
                subprocess.run(command, env=environment, check=True, timeout=300)
        return
    with TemporaryDirectory() as folder:
        machine(Path(folder), asked.driver)
        asyncio.run(measure(Path(folder), asked.driver, asked.rounds))


if __name__ == "__main__":
    main()
