"""Run every benchmark in short form, one after the other, and print their figures: `python -m benchmarks`.

How to read them: docs/benchmarks.md. Each stands alone, too, with longer forms: `python benchmarks/NAME.py --help`.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
SHORT: Final = (
    ("store_ingest", "--hours", "1"),
    ("query_engine", "--rounds", "3"),
    ("intake", "--seconds", "0.5"),
    ("accelerators", "--rounds", "300"),
    ("analytics", "--rounds", "20", "--trades", "100000"),
    ("client", "--calls", "100000"),
    ("rule_lag", "--seconds", "20"),
    ("beside_prometheus", "--rounds", "3"),
    ("rules_beside_prometheus", "--rules", "2000", "--turns", "1"),
)
"""Every benchmark with what makes it short."""
MOST_SECONDS: Final = 600


def load() -> str:
    """Return how busy the machine is, without which no figure means much."""
    if not hasattr(os, "getloadavg"):
        return "load unknown"
    return "load {:.1f} {:.1f} {:.1f}".format(*os.getloadavg())


def main() -> int:
    """Run all; return 0 where every one did its work."""
    failed = []
    for name, *words in SHORT:
        print(f"== {name} {' '.join(words)} ({os.cpu_count()} cores, {load()})", flush=True)
        command = [sys.executable, str(HERE / f"{name}.py"), *words]
        try:
            code = subprocess.run(command, timeout=MOST_SECONDS, check=False).returncode
        except subprocess.TimeoutExpired:
            print(f"{name} was not done within {MOST_SECONDS} s")
            code = 1
        if code != 0:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
