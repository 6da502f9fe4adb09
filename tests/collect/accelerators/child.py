"""A process that collects accelerators when it is told to: NVIDIA's binding keeps a library for as long as it lives.

Told root and interval, six tenths of which a driver has. Reads `look` and `pass SECONDS` on its input; answers with
a line of JSON.
"""

import asyncio
import json
import sys

from nightdesk.clock import SystemClock
from nightdesk.collect.accelerators.collector import AcceleratorCollector
from nightdesk.collect.accelerators.sample import AcceleratorSample, Kind


class PassingClock(SystemClock):
    """The machine's clock, with time that passes at a word."""

    ahead = 0.0

    def monotonic(self) -> float:
        """Return seconds."""
        return super().monotonic() + self.ahead


def told(sample: AcceleratorSample) -> dict[str, object]:
    """Return what the tests ask about."""
    return {
        "id": sample.device.id,
        "model": sample.device.model,
        "status": sample.status.value,
        "reason": sample.reason,
        "utilization": sample.utilization,
        "used": sample.memory_used,
        "power": sample.power,
        "temperature": sample.temperature,
        "throttled": None if sample.throttled is None else sorted(each.value for each in sample.throttled),
    }


async def main(root: str, interval: float) -> None:
    """Serve until the input ends."""
    clock = PassingClock()
    collector = AcceleratorCollector(interval, root, kinds=[Kind.GPU], clock=clock)
    while line := await asyncio.to_thread(sys.stdin.readline):
        word, _, rest = line.strip().partition(" ")
        if word == "pass":
            clock.ahead += float(rest)
            answer: object = None
        else:
            readings = await collector.collect(clock.now())
            devices = {sample.device.id: told(sample) for sample in collector.samples}
            answer = {"devices": devices, "reason": collector.reason(Kind.GPU), "series": len(readings)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    collector.close()


asyncio.run(main(sys.argv[1], float(sys.argv[2])))
