"""Expressions of one shape, evaluated as one, and the answer handed to its members.

What a member gets is what its expression alone would have answered: labels, values, their order, what was rejected.
Where any member's expression has an error, or a limit is met, the whole batch raises: ask each alone then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from nightdesk.model.labels import Labels
from nightdesk.query.answer import Answer
from nightdesk.query.language.tree import Node
from nightdesk.query.together.reader import Numbers, SharedReader
from nightdesk.query.together.shape import shape_of
from nightdesk.query.together.shared_selector import SharedSelector
from nightdesk.seams.samples import Budget, PanelReader


class Asker(Protocol):
    """What answers: `query.engine.Engine`."""

    def instant(self, expr: str | Node, at: int, budget: Budget | None) -> Answer:
        """Return the answer at an instant in ms, within a budget. Raises NightdeskError."""
        ...

    def through(self, wrap: Callable[[PanelReader], PanelReader]) -> "Asker":
        """Return the same over another reader: what `wrap` makes of its own."""
        ...


class Batch:
    """Expressions of one shape. Keeps whose series are whose between answers, so use it from one thread."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        """Take the expressions, whose shapes have equal trees.

        Raises:
            Unlike: they cannot be evaluated as one after all.
        """
        shapes = [shape_of(node) for node in nodes]
        places = range(len(shapes[0].numbers))
        numbers = [tuple(shape.numbers[place] for shape in shapes) for place in places]
        # A number that all members share is quicker as the scalar it was written as.
        same = [place for place in places if len(set(numbers[place])) == 1]
        self._tree = shape_of(nodes[0], same).tree
        self._numbers = [Numbers(values) for values in numbers]
        self.selectors = [
            SharedSelector([shape.selectors[place] for shape in shapes]) for place in range(len(shapes[0].selectors))
        ]

    def ask(self, asker: Asker, at: int, budget: Budget) -> "Shares":
        """Answer at an instant in ms. Raises what the engine does, and Unlike where labels of the series forbid it."""
        return Shares(asker.through(self._shared).instant(self._tree, at, budget))

    def _shared(self, reader: PanelReader) -> PanelReader:
        return SharedReader(reader, self.selectors, self._numbers)


class Shares:
    """An answer as members have it."""

    def __init__(self, answer: Answer) -> None:
        """Sort the rows that are present by member."""
        self._answer = answer
        self._rows: dict[int, list[int]] = {}
        for row, labels in enumerate(answer.labels):
            self._rows.setdefault(_member(labels), []).append(row)
        self._rejected: Mapping[int, frozenset[Labels]] | None = None

    def __contains__(self, member: int) -> bool:
        """Whether anything is present for a member."""
        return member in self._rows

    def answer(self, member: int) -> Answer:
        """Return the answer to a member's own expression."""
        whole, rows = self._answer, self._rows.get(member, [])
        return replace(
            whole,
            labels=[_own(whole.labels[row]) for row in rows],
            values=whole.values[rows],
            present=whole.present[rows],
            rejected=self._refusals().get(member, frozenset()),
        )

    def _refusals(self) -> Mapping[int, frozenset[Labels]]:
        if self._rejected is None:
            found: dict[int, list[Labels]] = {}
            for labels in self._answer.rejected:
                found.setdefault(_member(labels), []).append(labels)
            self._rejected = {member: frozenset(map(_own, refused)) for member, refused in found.items()}
        return self._rejected


def _member(labels: Labels) -> int:
    return int(labels.pairs[-1][1])


def _own(labels: Labels) -> Labels:
    return Labels.from_sorted(labels.pairs[:-1])
