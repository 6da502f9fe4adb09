"""`info(v, {matchers})`: a vector with the labels that info series such as `target_info` tell of the same target.

Base and info series belong together where `instance` and `job` agree. Rules: Prometheus 3, promql/info.go.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.errors import QueryError
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import METRIC_NAME, Labels, Matcher, MatchOp
from nightdesk.model.regex import satisfies
from nightdesk.model.series import Values
from nightdesk.query.functions.signature import VECTOR, Function, Invocation
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.language.tree import Call, Node, Subquery, VectorSelector, children
from nightdesk.query.limits import watched
from nightdesk.query.names import name_of
from nightdesk.query.operators.matching import labels_text
from nightdesk.seams.samples import Budget

_IDENTIFYING: Final = ("instance", "job")
_DEFAULT: Final = Matcher(METRIC_NAME, MatchOp.EQUAL, "target_info")
_ABSENT: Final = -1

_Identity = tuple[str, ...]


def info_matchers(call: Call, base: Grid, budget: Budget) -> tuple[Matcher, ...]:
    """Return what selects the info series of the targets in `base`; nothing where no series there names a target."""
    asked = _asked(call)
    names = [matcher for matcher in asked if matcher.name == METRIC_NAME]
    told = [labels for labels in watched(base.labels, budget) if not _is_info(labels, call)]
    found: list[Matcher] = []
    for label in _IDENTIFYING:
        values = {labels.get(label) for labels in told} - {""}
        if values:
            pattern = "|".join(re.escape(value) for value in sorted(values))
            found.append(Matcher(label, MatchOp.REGEX, pattern))
    if not found:
        return ()
    return (*(names or (_DEFAULT,)), *found, *(matcher for matcher in asked if matcher.name != METRIC_NAME))


def path_to_selector(node: Node) -> list[VectorSelector | Subquery]:
    """Return the first selector in a tree behind the subqueries around it, outermost first: they tell its instants."""
    if isinstance(node, VectorSelector):
        return [node]
    path = next(filter(None, map(path_to_selector, children(node))), [])
    return [node, *path] if path and isinstance(node, Subquery) else path


def _asked(call: Call) -> tuple[Matcher, ...]:
    if len(call.arguments) < 2:
        return ()
    selector = call.arguments[1]
    assert isinstance(selector, VectorSelector)
    return selector.matchers


def _is_info(labels: Labels, call: Call) -> bool:
    """Tell whether a series of the base is an info series itself: it is passed on as it is."""
    names = [matcher for matcher in _asked(call) if matcher.name == METRIC_NAME]
    if not names and len(call.arguments) < 2:
        names = [_DEFAULT]
    return bool(names) and all(satisfies(name_of(labels), matcher) for matcher in names)


def _info(call: Invocation) -> Grid:
    """Add the labels of info series to a vector.

    Raises:
        QueryError: two info series of one name and target have samples of the same instant, or two of different names
            tell different things of one label.
    """
    base, infos = call.grid(0), call.grid(1)
    assert call.sample_times is not None
    asked = [matcher for matcher in _asked(call.call) if matcher.name != METRIC_NAME]
    told = _Told.of(infos, call.sample_times)
    rows = _Rows(base)
    for row, labels in enumerate(base.labels):
        if row % 256 == 0:
            call.budget.check()
        here = rows.known(row)
        if _is_info(labels, call.call):
            rows.add(row, labels, here)
            continue
        for chosen, steps in told.combinations(labels, here):
            if chosen or all(satisfies("", matcher) for matcher in asked):
                wanted = frozenset(matcher.name for matcher in asked)
                rows.add(row, _joined(labels, [infos.labels[each] for each in chosen], wanted), steps)
    return rows.grid(call.budget)


def _identity(labels: Labels) -> _Identity:
    return tuple(labels.get(label) for label in _IDENTIFYING)


def _joined(base: Labels, infos: Sequence[Labels], wanted: frozenset[str]) -> Labels:
    """Add labels to those of the base, which win; where some are `wanted`, only these."""
    added: dict[str, str] = {}
    for labels in infos:
        for name, value in labels:
            if name == METRIC_NAME or (wanted and name not in wanted):
                continue
            if added.get(name, value) != value:
                raise QueryError(f"conflicting label: {name}")
            if name not in base:
                added[name] = value
    return base.merged(added) if added else base


@dataclass(frozen=True, slots=True)
class _Told:
    """Info series by name and target: which of them counts at each step, shape (steps,), `_ABSENT` where none."""

    rows: dict[str, dict[_Identity, Indices]]

    @classmethod
    def of(cls, infos: Grid, times: Values) -> "_Told":
        """Choose, of the series of one name and target, the one whose sample is newest."""
        members: dict[str, dict[_Identity, list[int]]] = {}
        for row, labels in enumerate(infos.labels):
            members.setdefault(labels.name, {}).setdefault(_identity(labels), []).append(row)
        return cls({
            name: {identity: _newest(infos, times, rows) for identity, rows in of_name.items()}
            for name, of_name in sorted(members.items())
        })  # fmt: skip

    def combinations(self, labels: Labels, here: Mask) -> list[tuple[list[int], Mask]]:
        """Return the info series that tell of a target, each combination with the steps of `here` it counts at."""
        identity = _identity(labels)
        found = [of_name[identity] for of_name in self.rows.values() if identity in of_name]
        if not found:
            return [([], here)]
        told = np.stack(found)
        result = []
        for chosen in np.unique(told[:, here], axis=1).T:
            steps = here & (told == chosen[:, None]).all(axis=0)
            result.append(([row for row in chosen.tolist() if row != _ABSENT], steps))
        return result


def _newest(infos: Grid, times: Values, rows: list[int]) -> Indices:
    present = infos.present[rows]
    at = np.where(present, times[rows], -np.inf)
    best = at.max(axis=0)
    same = (present & (at == best)).sum(axis=0) > 1
    if same.any():
        step = int(np.argmax(same))
        first, second = [row for row, its in zip(rows, at[:, step], strict=True) if its == best[step]][:2]
        when = round(float(best[step]) * SECOND)
        raise QueryError(
            f"found duplicate series for info metric: existing {labels_text(infos.labels[first])} @ {when}, "
            f"new {labels_text(infos.labels[second])} @ {when}"
        )
    return np.where(present.any(axis=0), np.array(rows)[at.argmax(axis=0)], _ABSENT)


class _Rows:
    """Gathers the rows of the result: a row of the base under the labels that count at some of its steps."""

    def __init__(self, base: Grid) -> None:
        self._base = base
        self._taken: list[tuple[int, Labels, Mask]] = []

    def known(self, row: int) -> Mask:
        """Return the steps at which a row is present, the last one also where it was refused there."""
        here: Mask = self._base.present[row].copy()
        here[-1] |= self._base.refused[row]
        return here

    def add(self, row: int, labels: Labels, steps: Mask) -> None:
        """Take a row of the base at some steps."""
        self._taken.append((row, labels, steps))

    def grid(self, budget: Budget) -> Grid:
        """Return the result; raises QueryError where two rows of one label set are present at one step."""
        if not self._taken:
            return Grid.empty(self._base.values.shape[1])
        rows = np.array([row for row, _, _ in self._taken])
        steps = np.stack([steps for _, _, steps in self._taken])
        present = self._base.present[rows] & steps
        refused = self._base.refused[rows] & steps[:, -1]
        return Grid([labels for _, labels, _ in self._taken], self._base.values[rows], present, refused).merged(budget)


# fmt: off
ROWS: Final = (
    Function(
        "info", (VECTOR, VECTOR), VECTOR,
        "Series with the labels that info series such as `target_info` tell of their target.",
        _info, optional=1, experimental=True, keeps_name=True, takes_info_series=True,
    ),
)
# fmt: on
