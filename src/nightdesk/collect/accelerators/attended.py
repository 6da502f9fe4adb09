"""A family on a thread of its own: a driver that hangs costs its own values and nothing else."""

import asyncio
from collections.abc import Sequence
from typing import Final

from nightdesk.collect.accelerators.machine import Machine
from nightdesk.collect.accelerators.sample import AcceleratorSample, Status, unmeasured
from nightdesk.collect.accelerators.watch import FamilyWatch
from nightdesk.collect.attendant import Attendant

FRESH_SECONDS: Final = 5.0
"""Answers that came late stand in this long for those that have not come yet."""
HUNG_SECONDS: Final = 30.0
"""A driver that is silent for so long has lost its devices, whatever it may say later."""


class AttendedFamily:
    """Asks a watch on its thread, and answers in time whatever that does."""

    def __init__(self, name: str, watch: FamilyWatch, machine: Machine) -> None:
        """Ask nothing yet."""
        self._name, self._watch, self._monotonic = name, watch, machine.monotonic
        self._attendant = Attendant(f"accelerators-{name}")
        self._task: asyncio.Task[None] | None = None
        self._asked_at = 0.0
        self._answered_at = 0.0
        self._latest: Sequence[AcceleratorSample] = ()

    @property
    def has_looked(self) -> bool:
        """True once the family's devices were looked for."""
        return self._watch.has_looked

    async def samples(self, patience: float) -> Sequence[AcceleratorSample]:
        """Return one sample a device within `patience` seconds; while the driver is silent, that and no values."""
        if self._task is None or self._task.done():
            if not self._watch.is_due:
                return ()
            self._asked_at = self._monotonic()
            self._task = asyncio.ensure_future(self._look())
        await asyncio.wait({self._task}, timeout=patience)
        is_fresh = bool(self._latest) and self._monotonic() - self._answered_at <= FRESH_SECONDS
        return self._latest if self._task.done() or is_fresh else self._silent()

    def close(self) -> None:
        """End the thread, which lets go of what the family holds first; one that hangs is left behind."""
        self._attendant.close(self._watch.close)

    async def _look(self) -> None:
        self._latest = await self._attendant.ask(self._watch.look)
        self._answered_at = self._monotonic()

    def _silent(self) -> list[AcceleratorSample]:
        """Return what can be said of devices whose driver says nothing: no values, and soon that they are lost."""
        seconds = self._monotonic() - self._asked_at
        reason = f"its driver ({self._name}) has not answered for {seconds:.0f} s."
        status = Status.ERROR
        if not self._latest and seconds <= FRESH_SECONDS:
            status, reason = Status.SEEDING, ""  # the first call may start the driver, which takes seconds
        elif seconds >= HUNG_SECONDS:
            status = Status.LOST
        known = {sample.device.id: sample.device for sample in self._latest}
        return [unmeasured(known.get(device.id, device), status, reason) for device in self._watch.devices]
