"""The memory of one query: what it holds, what it is about to take, and the bound on both together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

from nightdesk.errors import QueryLimitExceeded
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Matcher
from nightdesk.query.functions.signature import Value
from nightdesk.query.grid import Grid, Scalar
from nightdesk.query.limits import Limits
from nightdesk.query.selecting.reading import Reading
from nightdesk.query.selecting.windows import Windows
from nightdesk.seams.samples import Budget

BYTES_HELD: Final = 9
"""Of a cell of a vector that waits: its value, and whether there is one."""
BYTES_MADE: Final = 18
"""Of a cell of a vector in the making: itself, and once more for what it is worked out with."""
BYTES_LABELS: Final = 256
"""Of a label set that was made for this query alone; `LabelRows` tell themselves what they have of their own."""
BYTES_READ: Final = 8
"""Of a sample; its instant is mostly shared."""
BYTES_A_STEP: Final = 144
"""Of a step of a subquery: its instant, in several forms, and what a window's function works out for each sample."""

ReadKey: TypeAlias = tuple[tuple[Matcher, ...], int, int]
"""Matchers, and the first and the last instant asked for."""


class QueryMemoryExceeded(QueryLimitExceeded):
    """A query would hold more bytes at once than it may; at fewer steps at a time they may suffice."""


class QueryMemory:
    """What one query holds. Reads are kept for whoever asks again, as long as nothing else needs their bytes.

    What is called `demand_` asks whether so many bytes more fit, before they are taken.
    """

    def __init__(self, limits: Limits, budget: Budget) -> None:
        """Start with nothing held."""
        self._limits, self._budget = limits, budget
        self._reads: dict[ReadKey, Reading] = {}
        self._waiting = 0

    @property
    def held(self) -> int:
        """Bytes of reads that are kept and of operands that wait."""
        return self._waiting + sum(weight_of_reading(each) for each in self._reads.values())

    def demand_vector(self, series: int, steps: int, *, reads: bool = False) -> None:
        """Ask for a vector before it is made, with `reads` out of what was read last, which then has to stay.

        Raises:
            QueryLimitExceeded: it has more series than any vector may have.
            QueryMemoryExceeded: it does not fit beside what is held.
        """
        self._limits.demand_series(series)
        wanted = series * steps * BYTES_MADE
        if self.held + wanted > self._limits.memory:
            for key in list(self._reads)[: -1 if reads else None]:
                del self._reads[key]
            self._demand(wanted, f"{series} series x {steps} steps")

    def demand_labelled_vector(self, series: int, steps: int) -> None:
        """Ask for a vector whose label sets are made with it. Raises what `demand_vector` does."""
        self._limits.demand_series(series)
        self._demand(series * (steps * BYTES_MADE + BYTES_LABELS), f"{series} series x {steps} steps and their labels")

    def demand_steps(self, count: int) -> None:
        """Ask for the steps of a subquery. Raises QueryMemoryExceeded."""
        self._demand(count * BYTES_A_STEP, f"{count:,} steps of a subquery")

    def demand_joined_vector(self, series: int, steps: int) -> None:
        """Ask for a vector that is only put together. Raises QueryMemoryExceeded."""
        self._demand(series * steps * BYTES_HELD, f"{series} series x {steps} steps")

    def _demand(self, wanted: int, what: str) -> None:
        held, most = self.held, self._limits.memory
        if held + wanted > most:
            beside = f" beside {held:,} held" if held else ""
            message = f"{what} need {wanted:,} bytes{beside}: more than the {most:,} that a query may hold at once"
            raise QueryMemoryExceeded(f"{message}, the setting limits.query_memory_bytes")

    def reading(self, key: ReadKey, read: Callable[[Budget], Reading]) -> Reading:
        """Return what was read under a key already, or read it now.

        Raises:
            QueryMemoryExceeded: its samples do not fit; the read ends as soon as that shows.
        """
        known = self._reads.pop(key, None)
        if known is None:
            known = self._read(read)
        self._reads[key] = known
        return known

    def _read(self, read: Callable[[Budget], Reading]) -> Reading:
        if self._reads:
            try:
                return read(_Charged(self, self._budget))
            except QueryMemoryExceeded:
                self.forget_reads()
        return read(_Charged(self, self._budget))

    def demand_samples(self, samples: int) -> None:
        """Ask for so many samples of one read. Raises QueryMemoryExceeded."""
        self._demand(samples * BYTES_READ, f"{samples:,} samples")

    def forget_reads(self) -> None:
        """Let go of what was read."""
        self._reads.clear()

    @contextmanager
    def holding(self, *values: Value, reads: bool = False) -> Iterator[None]:
        """Count values as held for the time being; with `reads` the samples they show are held as a read already."""
        weight = sum(weight_of(value, reads=reads) for value in values)
        self._waiting += weight
        try:
            yield
        finally:
            self._waiting -= weight


class _Charged:
    """The budget of one read, which also asks for the memory of its samples."""

    def __init__(self, memory: QueryMemory, budget: Budget) -> None:
        self._memory, self._budget, self._samples = memory, budget, 0

    def charge(self, samples: int) -> None:
        self._budget.charge(samples)
        self._samples += samples
        self._memory.demand_samples(self._samples)

    def check(self) -> None:
        self._budget.check()


def weight_of(value: Value, *, reads: bool = False) -> int:
    """Return the bytes of a value; with `reads` without the samples of a read that it shows."""
    match value:
        case Grid():
            rows = value.labels
            labels = rows.own_bytes if isinstance(rows, LabelRows) else len(rows) * BYTES_LABELS
            return value.values.size * BYTES_HELD + labels
        case Scalar():
            return value.values.nbytes
        case Windows():
            return value.own_bytes if reads else sum(block.values.nbytes for block in value.blocks)
    return len(value)


def weight_of_reading(reading: Reading) -> int:
    """Return the bytes of what was read."""
    times = {id(panel.times): panel.times.nbytes for panel in reading.panels}
    return sum(panel.values.nbytes for panel in reading.panels) + sum(times.values())
