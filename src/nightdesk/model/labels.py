"""Label sets and matchers: what a series is called and how it is asked for."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

METRIC_NAME: Final = "__name__"
LABEL_PATTERN: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
"""A label's name as it is written without quotes; between quotes it may be any text."""
METRIC_PATTERN: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
"""The same of a metric: colons are there for what rules record."""


class Labels:
    """A frozen, sorted, hashable set of label pairs. An empty value is the same as no label, as in Prometheus."""

    __slots__ = ("_hash", "pairs")

    pairs: tuple[tuple[str, str], ...]

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        """Sort the pairs by name and drop empty values; a repeated name keeps its last value."""
        self.pairs = tuple(sorted((name, value) for name, value in dict(pairs).items() if value))
        self._hash = hash(self.pairs)

    @classmethod
    def of(cls, name: str = "", /, **labels: str) -> "Labels":
        """Build a label set from a metric name and keywords: `Labels.of("up", job="node")`."""
        return cls([(METRIC_NAME, name), *labels.items()])

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str]) -> "Labels":
        """Build a label set from any mapping of names to values."""
        return cls(mapping.items())

    @classmethod
    def from_sorted(cls, pairs: tuple[tuple[str, str], ...]) -> "Labels":
        """Wrap pairs that are known to be sorted, unique and non-empty; for hot paths that have checked it."""
        made = cls.__new__(cls)
        made.pairs = pairs
        made._hash = hash(pairs)
        return made

    @property
    def name(self) -> str:
        """The metric name, or the empty string."""
        return self.get(METRIC_NAME)

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a label, or `default` where it is absent."""
        for key, value in self.pairs:
            if key == name:
                return value
        return default

    def with_(self, **labels: str) -> "Labels":
        """Return a copy with labels set; an empty value removes one."""
        return Labels([*self.pairs, *labels.items()])

    def merged(self, other: Mapping[str, str]) -> "Labels":
        """Return a copy in which `other` wins; an empty value removes a label."""
        return Labels([*self.pairs, *other.items()])

    def without(self, names: Iterable[str]) -> "Labels":
        """Return a copy that lacks the named labels."""
        dropped = frozenset(names)
        return Labels.from_sorted(tuple(pair for pair in self.pairs if pair[0] not in dropped))

    def only(self, names: Iterable[str]) -> "Labels":
        """Return a copy that keeps just the named labels."""
        kept = frozenset(names)
        return Labels.from_sorted(tuple(pair for pair in self.pairs if pair[0] in kept))

    def without_name(self) -> "Labels":
        """Return a copy that lacks the metric name."""
        return self.without((METRIC_NAME,))

    def as_dict(self) -> dict[str, str]:
        """Return the pairs as a new dictionary, in order of name."""
        return dict(self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.pairs)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Labels) and self._hash == other._hash and self.pairs == other.pairs

    def __lt__(self, other: "Labels") -> bool:
        return self.pairs < other.pairs

    def __str__(self) -> str:
        inside = ", ".join(f"{name}={quote(value)}" for name, value in self.pairs if name != METRIC_NAME)
        return f"{self.name}{{{inside}}}" if inside or not self.name else self.name

    def __repr__(self) -> str:
        return f"Labels({self})"


def quote(value: str) -> str:
    """Write a label value as a double-quoted PromQL string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


class MatchOp(Enum):
    """The four ways to match a label value; regular expressions are anchored at both ends, RE2 syntax."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"

    # An enum's own hash is made of its name, in Python; matchers are keys of what is remembered, a dozen times a query.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label; an absent label counts as the empty string."""

    name: str
    op: MatchOp
    value: str

    def __str__(self) -> str:
        return f"{self.name}{self.op.value}{quote(self.value)}"
