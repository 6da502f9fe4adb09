"""A probe that does as it is told: the fake of `nightdesk.collect.probes.probe.Probe`."""

import asyncio

from nightdesk.collect.probes.probe import Probed, ProbeFailure


class ScriptedProbe:
    """Answers with what `script` holds, an answer or an error to raise; hangs while `hangs` is true."""

    kind = "scripted"
    failures = (ProbeFailure.UNREACHABLE, ProbeFailure.STATUS)

    def __init__(self, script: Probed | Exception = Probed(0.25)) -> None:  # noqa: B008 - frozen
        """Begin with the script, which may be changed between attempts."""
        self.script = script
        self.hangs = self.is_stubborn = False
        """A stubborn one hangs on although it is cancelled, until `released`."""
        self.released = asyncio.Event()
        self.unprepared: Exception | None = None
        self.asked = 0
        self.closed = False

    async def prepare(self) -> None:
        """Fail where the test says so."""
        if self.unprepared is not None:
            raise self.unprepared

    async def ask(self) -> Probed:
        """Do what the script says."""
        self.asked += 1
        while self.hangs and not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                if not self.is_stubborn:
                    raise
        if isinstance(self.script, Exception):
            raise self.script
        return self.script

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True
