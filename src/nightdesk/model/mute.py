"""The answer of a gate that holds a message back: always with its reason."""

from dataclasses import dataclass
from enum import Enum


class MuteReason(Enum):
    """Why a message is not sent now."""

    INHIBITED = "inhibited"
    UNDELIVERABLE = "undeliverable"
    """Every channel for it gave its message up a short while ago; it is told anew later, or once settings changed."""
    CROWD = "crowd"
    """The same alert began for many labels a moment ago: this one is told with the rest, within half a minute."""
    NO_ROUTE = "no_route"
    """No channel is set for this severity; the desk says so on its page and in `nightdesk doctor`."""


@dataclass(frozen=True, slots=True)
class Muted:
    """A message was held back, for what reason and by which silence, rule or setting."""

    reason: MuteReason
    by: str
