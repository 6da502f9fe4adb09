"""What a function of PromQL is: the types it takes and gives, how it is computed, and from what else it can be told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from nightdesk.model.series import Times, Values
from nightdesk.query.buckets.folds import BucketFold
from nightdesk.query.durations import QueryRange
from nightdesk.query.functions.counter_names import doubt_counters
from nightdesk.query.grid import Grid, Scalar
from nightdesk.query.language.position import Span
from nightdesk.query.language.tree import Call, Extended, Node, ValueType, unwrap
from nightdesk.query.notes import Notes
from nightdesk.query.selecting.extended import ExtendedWindows
from nightdesk.query.selecting.summary_folds import SummaryFold
from nightdesk.query.selecting.windows import Block, Windows
from nightdesk.seams.samples import Budget

Value: TypeAlias = Grid | Scalar | Windows | str

SCALAR, STRING, VECTOR, MATRIX = ValueType.SCALAR, ValueType.STRING, ValueType.VECTOR, ValueType.MATRIX


@dataclass(frozen=True, slots=True, eq=False)
class Invocation:
    """One call of a function with its arguments computed; `steps` are the instants asked for, in milliseconds."""

    call: Call
    arguments: tuple[Value, ...]
    steps: Times
    query_range: QueryRange
    notes: Notes
    budget: Budget
    sample_times: Values | None = None
    """Where the function takes them: samples' own instants in seconds, of the shape of the last grid."""

    def __len__(self) -> int:
        return len(self.arguments)

    def node(self, index: int) -> Node:
        """Return an argument as it was written."""
        return self.call.arguments[index]

    def span(self, index: int) -> Span:
        """Return where an argument stands, within the parentheses around it."""
        return unwrap(self.call.arguments[index]).span

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
class Beyond:
    """How a function is told of ranges that look beyond their edges, and of which."""

    ranges: frozenset[Extended]
    compute: Callable[[ExtendedWindows], Grid]


@dataclass(frozen=True, slots=True)
class Function:
    """All that the house knows of a function, in one row beside its code; `table` joins the rows.

    What it computes still bears the names of its arguments: `told` lets them go.
    """

    name: str
    takes: tuple[ValueType, ...]
    gives: ValueType
    says: str
    """What it is, in one line of the documentation."""
    compute: Callable[[Invocation], Value]
    optional: int = 0
    """How many trailing arguments may be left out."""
    repeats: int | None = 0
    """How often the last argument may come again; None for any number of times."""
    fans_out: bool = False
    """Gives all its rows again for each argument of the last kind."""
    experimental: bool = False
    """Behind a flag in Prometheus; here it is always there."""
    keeps_name: bool = False
    """Answers series under their own names."""
    row_by_row: bool = False
    """Each row of the answer comes of rows that share all labels, or all but `le`: of one rule (`together.shape`)."""
    of_counter: bool = False
    """Is asked of counters: of a name that is no counter's it says so."""
    takes_sample_times: bool = False
    """Is told when the samples of a plain selector were taken."""
    takes_info_series: bool = False
    """Is given the info series of the targets in its vector, in the place of the selector that was written."""
    summaries: SummaryFold | None = None
    """How it folds what was kept of whole chunks; None where it looks at samples."""
    buckets: BucketFold | None = None
    """How it folds buckets of the tiers; None where it looks at the last sample of each."""
    beyond: Beyond | None = None
    """How it is told of anchored and smoothed ranges; None where it knows nothing of samples outside its window."""

    @property
    def least(self) -> int:
        """How many arguments it takes at least."""
        return len(self.takes) - self.optional

    @property
    def most(self) -> int | None:
        """How many arguments it takes at most; None for any number."""
        return None if self.repeats is None else len(self.takes) + self.repeats

    def fan(self, arguments: int) -> int:
        """Return how many rows a row may become."""
        return arguments - self.least + 1 if self.fans_out else 1

    def told(self, found: Value, node: Call, notes: Notes) -> Value:
        """Return what was found for a call as the query sees it: doubts are said, names go."""
        if not isinstance(found, Grid):
            return found
        if self.of_counter:
            doubt_counters(found, notes, unwrap(node.arguments[0]).span)
        return found if self.keeps_name else found.without_name()


def folded(fold: Callable[[Block], Values], *, minimum: int = 1, walks: bool = False) -> Callable[[Invocation], Grid]:
    """Make a function of one that folds each window of a block; `minimum` and `walks` as in `Windows.compute`."""
    return lambda call: call.windows(0).compute(fold, minimum, walks=walks)
