"""The socket of a family of accelerators."""

from collections.abc import Sequence
from typing import Protocol

from nightdesk.collect.accelerators.census import Census
from nightdesk.collect.accelerators.sample import AcceleratorSample, Device


class Family(Protocol):
    """Devices that are read in one way. Blocking, for one thread alone; never raises, never prints.

    A device that sleeps is not touched: the kernel's `power/runtime_status` is asked before anything else.
    """

    def discover(self, census: Census) -> Sequence[Device]:
        """Return the devices of the census that are this family's; a device may be only one family's."""
        ...

    def sample(self, device: Device) -> AcceleratorSample:
        """Look at one device that `discover` returned. It may know its model better than that did."""
        ...

    def close(self) -> None:
        """Let go of libraries and handles, and go on when asked again."""
        ...
