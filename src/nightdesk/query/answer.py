"""Answers, and the law of refused label sets (decision D8).

An empty answer has two reasons that a judge of alerts must not mix up: the data are there and the condition is false,
or there are no data. `Answer.rejected` names the first. The law, at the last step:

    rejected(e) = what e would have answered had every filter let everything through, less what it did answer

- `v > 5`, `a > b` (no `bool`): the label sets that were compared and found false, as the result would carry them. A
  comparison with NaN is false without having judged anything: it rejects nothing, so NaN counts as no evidence.
- `a and b`, `a + b`, `a > b`: a label set must be known on *both* sides, present or rejected there. So for
  `a > 5 and b < 3` a label set that both sides have, but whose conditions are not both true, is rejected; one that `b`
  lacks is absent, for nothing is known of it.
- `a or b`: known on either side. `a unless b`: known in `a`; it rejects what `b` takes away.
- Aggregations: the group labels of groups that hold a rejected label set and no present one. `topk`, `bottomk`,
  `limitk` and `limit_ratio` are filters: what they leave out is rejected, save NaN by the first two.
- Functions carry rejected label sets along, relabelled as the function does; a function over a subquery carries those
  of the subquery's last step. `absent(v)` over a `v` that has series rejects its own label set: the data came back.
- `scalar`, `vector`, plain selectors and functions over `x[5m]` reject nothing of their own.
"""

from dataclasses import dataclass, field

import numpy as np

from nightdesk.model.labels import Labels
from nightdesk.model.series import Series, Times, Values
from nightdesk.query.grid import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a query yields.

    `kind` is scalar, string, vector or matrix. `values` and `present` have shape (series, steps), `steps` holds
    instants in milliseconds; a scalar is one series without labels. A range selector asked at an instant is a matrix
    whose samples, with their own timestamps, are in `series`. Rows are sorted by labels in a matrix; in a vector they
    are in the engine's order, which means something where it was asked for (sort, topk).
    """

    kind: str
    steps: Times
    labels: list[Labels] = field(default_factory=list)
    values: Values = field(default_factory=lambda: np.zeros((0, 0)))
    present: Mask = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    series: list[Series] = field(default_factory=list)
    text: str = ""
    warnings: list[str] = field(default_factory=list)
    infos: list[str] = field(default_factory=list)
    rejected: frozenset[Labels] = frozenset()

    def __len__(self) -> int:
        return len(self.series) or len(self.labels)
