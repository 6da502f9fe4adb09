"""What a function of PromQL is: the types it takes and gives, and how it is computed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from nightdesk.model.series import Times, Values
from nightdesk.query.durations import QueryExtent
from nightdesk.query.grid import Grid, Scalar
from nightdesk.query.language.position import Span
from nightdesk.query.language.tree import Call, Node, ValueType
from nightdesk.query.notes import Notes
from nightdesk.query.selecting.windows import Windows
from nightdesk.seams.samples import Budget

Value: TypeAlias = Grid | Scalar | Windows | str


@dataclass(frozen=True, slots=True, eq=False)
class Invocation:
    """One call of a function with its arguments computed; `steps` are the instants asked for, in milliseconds."""

    call: Call
    arguments: tuple[Value, ...]
    steps: Times
    extent: QueryExtent
    notes: Notes
    budget: Budget
    sample_times: Values | None = None
    """For `timestamp(selector)` alone: the samples' own instants in seconds, of the shape of the grid."""

    def __len__(self) -> int:
        return len(self.arguments)

    def node(self, index: int) -> Node:
        """Return an argument as it was written."""
        return self.call.arguments[index]

    def span(self, index: int) -> Span:
        """Return where an argument stands."""
        return self.call.arguments[index].span

    def grid(self, index: int) -> Grid:
        """Return an argument that the checker has found to be an instant vector."""
        value = self.arguments[index]
        assert isinstance(value, Grid)
        return value

    def scalar(self, index: int) -> Values:
        """Return an argument that the checker has found to be a scalar; shape (steps,)."""
        value = self.arguments[index]
        assert isinstance(value, Scalar)
        return value.values

    def text(self, index: int) -> str:
        """Return an argument that the checker has found to be a string."""
        value = self.arguments[index]
        assert isinstance(value, str)
        return value

    def windows(self, index: int) -> Windows:
        """Return an argument that the checker has found to be a range vector."""
        value = self.arguments[index]
        assert isinstance(value, Windows)
        return value


@dataclass(frozen=True, slots=True)
class Function:
    """A row of the table. `optional` counts trailing arguments that may be left out; `variadic` repeats the last.

    One that `fans_out` gives all its rows again for each argument of the last kind.
    """

    takes: tuple[ValueType, ...]
    gives: ValueType
    compute: Callable[[Invocation], Value]
    optional: int = 0
    variadic: bool = False
    fans_out: bool = False

    def fan(self, arguments: int) -> int:
        """Return how many rows a row may become."""
        return arguments - len(self.takes) + 1 if self.fans_out else 1
