"""A part is a stretch of one series from one place; parts are joined into the series as read."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from nightdesk.model.series import Times, Values


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Times strictly ascending, never empty, and values of the same length."""

    times: Times
    values: Values


@dataclass(slots=True)
class TimesPool:
    """Within one read, equal times become one object, so that the query engine searches them once for all series.

    It keeps the arrays alive: the identity of a dead one could be taken by another.
    """

    _joined: dict[tuple[int, ...], Times] = field(default_factory=dict)
    _interned: dict[bytes, Times] = field(default_factory=dict)
    _kept: list[Times] = field(default_factory=list)

    def intern(self, times: Times) -> Times:
        """Return the one object with this content."""
        return self._interned.setdefault(times.tobytes(), times)

    def concatenated(self, pieces: list[Times]) -> Times:
        """Return the pieces end to end; the same objects give the same result object."""
        key = tuple(map(id, pieces))
        made = self._joined.get(key)
        if made is None:
            made = self._joined[key] = np.concatenate(pieces)
            self._kept.extend(pieces)
        return made


def join(parts: list[Part], pool: TimesPool) -> Part:
    """Join parts given in the order in which they were written: where two hold one instant, the later one wins."""
    if len(parts) == 1:
        return parts[0]
    in_time = sorted(parts, key=_first)
    if all(one.times[-1] < other.times[0] for one, other in itertools.pairwise(in_time)):
        times = pool.concatenated([part.times for part in in_time])
        return Part(times, np.concatenate([part.values for part in in_time]))
    times = np.concatenate([part.times for part in parts])
    values = np.concatenate([part.values for part in parts])
    order = np.argsort(times, kind="stable")
    times = times[order]
    last_of_equals = np.append(times[1:] != times[:-1], True)
    return Part(pool.intern(times[last_of_equals]), values[order][last_of_equals])


def _first(part: Part) -> int:
    return int(part.times[0])
