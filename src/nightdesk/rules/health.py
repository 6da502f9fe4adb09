"""How rules and groups are doing, as values."""

from dataclasses import dataclass
from enum import Enum

from nightdesk.model.rule import Rule, RuleGroup


class RuleState(Enum):
    """Prometheus' three words for the health of a rule."""

    UNKNOWN = "unknown"
    """Not judged yet."""
    OK = "ok"
    ERROR = "err"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judgement of a rule came to; rules asked as one, of which there is nothing to say, share one.

    It is an error too where the rule had an answer and the store did not take the samples of it.
    """

    state: RuleState = RuleState.UNKNOWN
    error: str = ""
    at: int | None = None
    seconds: float = 0.0
    samples: int = 0


@dataclass(frozen=True, slots=True)
class RuleHealth:
    """The last judgement of one rule: when (wall ms), how long it took, how many elements its answer had.

    Of rules that were asked as one, each took its equal share of the time of the question, and its own afterwards.
    """

    key: str
    rule: Rule
    state: RuleState = RuleState.UNKNOWN
    error: str = ""
    at: int | None = None
    seconds: float = 0.0
    samples: int = 0

    @classmethod
    def of(cls, key: str, rule: Rule, judged: Judged) -> "RuleHealth":
        """Say whose judgement it was."""
        return cls(key, rule, judged.state, judged.error, judged.at, judged.seconds, judged.samples)


@dataclass(frozen=True, slots=True)
class GroupHealth:
    """The last round of one group; `missed` rounds were skipped since the start."""

    group: RuleGroup
    rules: tuple[RuleHealth, ...]
    at: int | None = None
    seconds: float = 0.0
    rounds: int = 0
    missed: int = 0
