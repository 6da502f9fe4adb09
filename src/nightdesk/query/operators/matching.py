"""How the series of two vectors find each other: signatures, computed once a query."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nightdesk.errors import QueryError
from nightdesk.model.labels import METRIC_NAME, Labels, quote
from nightdesk.query.grid import Grid, Mask
from nightdesk.query.hidden_labels import GOING_NAME
from nightdesk.query.language.tree import Matching
from nightdesk.query.limits import watched
from nightdesk.query.names import NAMES, name_of, without_going_name
from nightdesk.seams.samples import Budget

Pairs: TypeAlias = tuple[tuple[str, str], ...]


def signature(matching: Matching) -> Callable[[Labels], Pairs]:
    """Return the function that gives the labels two series must share to match."""
    names = frozenset(matching.labels)
    if matching.on and METRIC_NAME in names:
        return lambda labels: labels.merged({METRIC_NAME: name_of(labels)}).only(names).pairs
    if matching.on:
        return lambda labels: tuple(pair for pair in labels.pairs if pair[0] in names)
    if not names:
        return _without_name
    left_out = names | NAMES
    return lambda labels: tuple(pair for pair in labels.pairs if pair[0] not in left_out)


def _without_name(labels: Labels) -> Pairs:
    pairs = labels.pairs
    if pairs and pairs[-1][0] < GOING_NAME and pairs[0][0] == METRIC_NAME:
        return pairs[1:]
    if pairs and pairs[-1][0] == GOING_NAME and pairs[0][0] > METRIC_NAME:
        return pairs[:-1]
    return tuple(pair for pair in pairs if pair[0] not in NAMES)


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows of a vector by signature, in order of first sight."""

    rows: dict[Pairs, list[int]]

    @classmethod
    def of(cls, grid: Grid, matching: Matching, budget: Budget) -> "Groups":
        """Group a vector's rows."""
        sign = signature(matching)
        rows: dict[Pairs, list[int]] = {}
        for row, labels in enumerate(watched(grid.labels, budget)):
            rows.setdefault(sign(labels), []).append(row)
        return cls(rows)

    def condensed(self, grid: Grid) -> "Groups":
        """Return the groups without rows that add nothing on the side of the one.

        Of rows that are present nowhere one is enough to tell that a signature was refused; were all kept, two vectors
        of refused rows would match each with each.
        """
        present, known = np.logical_or.reduce(grid.present, axis=1).tolist(), grid.known.tolist()
        rows: dict[Pairs, list[int]] = {}
        for key, members in self.rows.items():
            kept = members
            if len(members) > 1:
                kept = [row for row in members if present[row]]
                if not any(known[row] for row in kept):
                    kept += [row for row in members if known[row]][:1]
            rows[key] = kept
        return Groups(rows)

    def any_present(self, grid: Grid, budget: Budget) -> dict[Pairs, Mask]:
        """Return for each signature the steps at which any of its rows is present."""
        return {
            key: grid.present[rows[0]] if len(rows) == 1 else np.logical_or.reduce(grid.present[rows], axis=0)
            for key, rows in watched(self.rows.items(), budget)
        }

    def any_known(self, grid: Grid) -> frozenset[Pairs]:
        """Return the signatures of which a row is known at the last step: present or refused."""
        known = grid.known.tolist()
        return frozenset(key for key, rows in self.rows.items() if any(known[row] for row in rows))


def demand_unique(grid: Grid, groups: Groups, matching: Matching, side: str, meeting: Mask) -> None:
    """Refuse two series of one signature at one step on the side of the one, of the steps at which the sides meet.

    Raises:
        QueryError: naming the signature, the series that is one too many, and the one before it in order of labels.
    """
    for key, rows in groups.rows.items():
        if len(rows) == 1:
            continue
        crowded = (grid.present[rows].sum(axis=0) > 1) & meeting
        if not crowded.any():
            continue
        step = int(np.argmax(crowded))
        earlier, current = sorted(without_going_name(grid.labels[row]) for row in rows if grid.present[row, step])[:2]
        group = Labels.from_sorted(key) if matching.on else Labels.from_sorted(key).without_name()
        raise QueryError(
            f"found duplicate series for the match group {labels_text(group)} on the {side} hand-side "
            f"of the operation: [{labels_text(current)}, {labels_text(earlier)}];many-to-many matching not allowed: "
            "matching labels must be unique on one side"
        )


def labels_text(labels: Labels) -> str:
    """Write labels as Prometheus' messages do: all in braces, the name among them."""
    return "{" + ", ".join(f"{name}={quote(value)}" for name, value in labels) + "}"
