"""What a probe is asked, what it answers, and why a target failed it."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from nightdesk.collect.collector import CollectFailure
from nightdesk.collect.points import Point


class ProbeFailure(Enum):
    """Why a target failed its probe; the label `reason` of `probe_failures_total`."""

    DEADLINE = "deadline"
    """No answer within the probe's timeout."""
    BUSY = "busy"
    """An earlier attempt still hangs; no second one is started beside it."""
    DNS = "dns"
    """No such name, or no resolver that says."""
    UNREACHABLE = "unreachable"
    """No route, connection refused or broken."""
    FORBIDDEN_ADDRESS = "forbidden_address"
    """The name led to a link-local or metadata address."""
    TLS = "tls"
    """No encryption that can be trusted: the certificate or the handshake."""
    AUTHENTICATION = "authentication"
    """The target refuses user, password or token."""
    REDIRECT = "redirect"
    """Redirects that go on too long, nowhere, or from https to http."""
    STATUS = "status"
    """An HTTP answer whose status was not expected."""
    KEYWORD = "keyword"
    """An HTTP answer that lacks the keyword."""
    JSON = "json"
    """An HTTP answer whose JSON value is missing or another one."""
    BAD_ANSWER = "bad_answer"
    """An answer that cannot be read."""
    TOO_LARGE = "too_large"
    """An answer over its cap."""
    QUERY = "query"
    """The database answers, but refuses or fails the query."""
    LOCKED = "locked"
    """Somebody else's lock was not given up in time."""
    MISSING = "missing"
    """There is no such file, or it cannot be opened."""
    CORRUPT = "corrupt"
    """The file is no database, or a damaged one."""
    CRASHED = "crashed"
    """The probe raised something it should not: a fault of ours."""


ALWAYS_POSSIBLE: Final = (ProbeFailure.DEADLINE, ProbeFailure.BUSY, ProbeFailure.CRASHED)
"""Failures of whatever kind of probe."""
NETWORK: Final = (ProbeFailure.DNS, ProbeFailure.UNREACHABLE, ProbeFailure.FORBIDDEN_ADDRESS, ProbeFailure.TLS)
"""Failures on the way to a target at an address."""
WAITED_OUT: Final = frozenset({ProbeFailure.DEADLINE, ProbeFailure.BUSY, ProbeFailure.LOCKED})
"""Failures whose duration is the deadline: nothing came although all of it was waited."""

_OF_COLLECTING: Final = {
    CollectFailure.DEADLINE: ProbeFailure.DEADLINE,
    CollectFailure.BUSY: ProbeFailure.BUSY,
    CollectFailure.UNREACHABLE: ProbeFailure.UNREACHABLE,
    CollectFailure.FORBIDDEN_ADDRESS: ProbeFailure.FORBIDDEN_ADDRESS,
    CollectFailure.BAD_PAYLOAD: ProbeFailure.BAD_ANSWER,
    CollectFailure.TOO_LARGE: ProbeFailure.TOO_LARGE,
}


def failure_of(reason: Enum | None) -> ProbeFailure:
    """Return the probe's word for the reason that a CollectError carries; CRASHED for one that none should carry."""
    if isinstance(reason, ProbeFailure):
        return reason
    return (
        _OF_COLLECTING.get(reason, ProbeFailure.CRASHED)
        if isinstance(reason, CollectFailure)
        else (ProbeFailure.CRASHED)
    )


@dataclass(frozen=True, slots=True)
class Probed:
    """What one attempt found. `failure` is None where the target is well."""

    seconds: float | None
    """Seconds of the real request or query; None where the target never answered (a refusal is no fast answer)."""
    points: tuple[Point, ...] = ()
    """What else was seen."""
    failure: ProbeFailure | None = None
    detail: str = ""
    """The failure as a sentence, empty where there is none."""


class Probe(Protocol):
    """One way of asking one target; `testing.probes` has the fake."""

    @property
    def kind(self) -> str:
        """The label `kind`."""
        ...

    @property
    def failures(self) -> tuple[ProbeFailure, ...]:
        """What can go wrong with this kind, beside ALWAYS_POSSIBLE: each has a series from the first attempt on."""
        ...

    async def prepare(self) -> None:
        """Load what the first attempt needs; called before it, and not part of its time.

        Raises:
            CollectError: BUSY where that still goes on.
        """
        ...

    async def ask(self) -> Probed:
        """Ask once. Cancelled at the deadline; never blocks the loop and never uses its default executor.

        Raises:
            CollectError: the target gave no answer at all, with a `ProbeFailure` (or a `CollectFailure`) as its reason.
        """
        ...

    def close(self) -> None:
        """Let go of connections, files and threads; an attempt that still runs may be cut."""
        ...
