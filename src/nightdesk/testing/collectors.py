"""A collector that does as it is told: the fake of `nightdesk.collect.collector.Collector`."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from nightdesk.collect.collector import Readings
from nightdesk.model.labels import Labels


class ScriptedCollector:
    """Answers with what `script` holds, samples or an error to raise; hangs until cancelled while `hangs` is true."""

    def __init__(
        self,
        name: str = "scripted",
        interval: float = 1.0,
        deadline: float = 0.5,
        script: Mapping[Labels, float] | Exception = MappingProxyType({}),
    ) -> None:
        """Begin with the script, which may be changed between collections."""
        self.name, self.url, self.interval, self.deadline = name, "", interval, deadline
        self.target = Labels([("job", name), ("instance", "localhost")])
        self.script, self.hangs = script, False
        self.collected: list[int] = []
        self.closed = False
        self._labels: tuple[Labels, ...] = ()

    async def collect(self, now: int) -> Readings:
        """Do what the script says, and note the instant."""
        self.collected.append(now)
        if self.hangs:
            await asyncio.Event().wait()
        if isinstance(self.script, Exception):
            raise self.script
        if tuple(self.script) != self._labels:
            self._labels = tuple(self.script)
        return Readings(self._labels, np.array(list(self.script.values()), dtype=np.float64), now)

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True
