"""What a collector is, what it answers, why it failed, and how it is doing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

from nightdesk.model.labels import Labels
from nightdesk.model.metric import Metadata
from nightdesk.model.series import Times, Values


class CollectFailure(Enum):
    """Why a collection brought nothing; the label `reason` of `nightdesk_collect_failures_total`."""

    DEADLINE = "deadline"
    """No answer within the collector's deadline."""
    BUSY = "busy"
    """An earlier attempt still hangs; no second one is started beside it."""
    UNREACHABLE = "unreachable"
    """No name, no route, connection refused or broken."""
    HTTP_STATUS = "http_status"
    """An answer other than 200."""
    BAD_PAYLOAD = "bad_payload"
    """An answer that cannot be read."""
    TOO_LARGE = "too_large"
    """An answer over its cap, as sent or as unpacked."""
    SAMPLE_LIMIT = "sample_limit"
    """More samples than the target may give; as in Prometheus nothing of it is kept."""
    FORBIDDEN_ADDRESS = "forbidden_address"
    """The name led to a link-local or metadata address."""
    CRASHED = "crashed"
    """The collector raised something it should not: a fault of ours."""
    OVERLOADED = "overloaded"
    """The collection went well, but the queue to the store is full."""
    STORE = "store"
    """The collection went well, but the store did not take it, or not in time."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What one collection found: value i belongs to series i.

    The *same* tuple of labels as last time tells the loop that the set of series did not change, and spares it all
    label work; a collector does well to keep that tuple.
    """

    labels: Sequence[Labels]
    values: Values
    at: int
    """Instant in ms that the collection is about."""
    times: Times | None = None
    """Instants the target itself gave, `at` where it gave none; None where it gave none at all."""

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths: a shifted row would be a wrong sample."""
        if len(self.labels) != len(self.values) or (self.times is not None and len(self.times) != len(self.values)):
            raise ValueError("labels, values and times must have one length")

    def __len__(self) -> int:
        return len(self.values)


class Collector(Protocol):
    """One source of samples that is asked on a schedule; `testing.collectors` has the fake."""

    @property
    def name(self) -> str:
        """Name unique among the desk's collectors, for health, logs and metrics."""
        ...

    @property
    def target(self) -> Labels:
        """Labels of the target: `job`, `instance` and whatever the settings add; `up` carries just these."""
        ...

    @property
    def interval(self) -> float:
        """Seconds from one collection to the next."""
        ...

    @property
    def deadline(self) -> float:
        """Seconds a collection may take in all."""
        ...

    @property
    def url(self) -> str:
        """Address it reads over HTTP; empty where it reads without any request."""
        ...

    async def collect(self, now: int) -> Readings:
        """Collect once; `now` is the wall time in ms that the samples are about.

        Cancelled at the deadline. Never blocks the loop and never uses its default executor.

        Raises:
            CollectError: the target failed, with a `CollectFailure` as its reason.
            BadPayload: the target's answer cannot be read.
            PayloadTooLarge: the target's answer is over its cap.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files; called once, after the last collection."""
        ...


@runtime_checkable
class Describing(Protocol):
    """A collector whose source says what its metrics mean."""

    @property
    def metadata(self) -> Mapping[str, Metadata]:
        """Type, help and unit by metric name; a mapping that never changes, another one after new words."""
        ...


UNDESCRIBED: Final[Mapping[str, Metadata]] = MappingProxyType({})


class Standing(Enum):
    """How a collector stands."""

    UNKNOWN = "unknown"
    """Not asked yet."""
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class CollectorHealth:
    """How one collector is doing, for status, page and metrics."""

    name: str
    target: Labels
    interval: float
    standing: Standing
    last_at: int | None
    """Wall time in ms of the last finished collection."""
    last_seconds: float
    last_samples: int
    failure: CollectFailure | None
    """Why the last collection failed, None where it did not."""
    detail: str
    """The failure as a sentence, empty where there is none."""
    collections: int
    missed: int
    """Ticks skipped since the start: the one before was still running, or the machine slept."""
    failures: Mapping[CollectFailure, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    """Samples the store did not take, by reason."""
    metadata: Mapping[str, Metadata] = field(default_factory=lambda: UNDESCRIBED, repr=False)
    """What the source says of its metrics, by name."""
    deadline: float = 0.0
    """Seconds a collection may take in all."""
    url: str = ""
    """Address it is read at over HTTP; empty where it is read without any request."""
