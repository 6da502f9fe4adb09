"""Joining what one question found in several places, so that each series ends up in one matrix."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from nightdesk.model.series import Times
from nightdesk.store.samples.days.day_file import FilePanel

_FEW_ROWS: Final = 32
"""Panels with fewer rows than this on average are laid into one where they share their instants."""


def joined(pieces: list[FilePanel]) -> list[FilePanel]:
    """Join pieces that are given in the order of writing: where two hold one sample of a series, the later one wins.

    Each series is in one of the panels returned, and panels with equal instants share one `times` object. The list is
    used up: pieces that nobody else holds are let go one by one, so that they and the result are never whole at once.
    """
    if len(pieces) < 2:
        return pieces
    groups = _by_series(pieces)
    if len(groups) > 1 and not _is_disjoint(groups):
        groups = _by_places(pieces)
    pieces.clear()
    groups.reverse()
    found = []
    while groups:
        found.append(_end_to_end(groups.pop()))
    return _sharing(found)


def _by_series(pieces: Iterable[FilePanel]) -> list[list[FilePanel]]:
    """Group the pieces that hold the same series."""
    groups: dict[bytes, list[FilePanel]] = {}
    for piece in pieces:
        groups.setdefault(piece.ids.tobytes(), []).append(piece)
    return list(groups.values())


def _is_disjoint(groups: Sequence[Sequence[FilePanel]]) -> bool:
    ids = np.concatenate([group[0].ids for group in groups])
    return len(np.unique(ids)) == len(ids)


def _by_places(pieces: Sequence[FilePanel]) -> list[list[FilePanel]]:
    """Cut pieces by rows so that series which are found in the same pieces stay side by side."""
    ids = np.concatenate([piece.ids for piece in pieces])
    sizes = [len(piece.ids) for piece in pieces]
    number, row = np.repeat(np.arange(len(pieces)), sizes), np.concatenate([np.arange(size) for size in sizes])
    order = np.argsort(ids, kind="stable")
    ids, number, row = ids[order], number[order], row[order]
    begins = np.flatnonzero(np.append(True, ids[1:] != ids[:-1]))
    ends = np.append(begins[1:], len(ids))
    groups: dict[bytes, list[int]] = {}
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        groups.setdefault(number[begin:end].tobytes(), []).append(begin)
    found = []
    for key, members in groups.items():
        firsts = np.array(members)
        found.append(
            [
                FilePanel(ids[firsts], pieces[piece].times, pieces[piece].values[row[firsts + place]])
                for place, piece in enumerate(np.frombuffer(key, dtype=number.dtype).tolist())
            ]
        )
    return found


def _end_to_end(pieces: Sequence[FilePanel]) -> FilePanel:
    """Join pieces of the same series in the same order."""
    if len(pieces) == 1:
        return pieces[0]
    in_time = sorted(pieces, key=_first)
    follow = all(one.times[-1] < other.times[0] for one, other in itertools.pairwise(in_time))
    if not follow:
        in_time = list(pieces)
    times = np.concatenate([piece.times for piece in in_time])
    values = np.concatenate([piece.values for piece in in_time], axis=1)
    if not follow:
        # Stable, so that of equal instants the one written last comes last, and is the one that stays.
        order = np.argsort(times, kind="stable")
        times = times[order]
        last_of_equals = np.append(times[1:] != times[:-1], True)
        times, values = times[last_of_equals], values[:, order[last_of_equals]]
    return FilePanel(pieces[0].ids, times, values)


def _first(piece: FilePanel) -> int:
    return int(piece.times[0])


def _sharing(panels: list[FilePanel]) -> list[FilePanel]:
    """Give panels with equal instants one `times` object, and make one matrix of many small ones."""
    if len(panels) < 2:
        return panels
    shared: dict[bytes, list[FilePanel]] = {}
    for panel in panels:
        shared.setdefault(panel.times.tobytes(), []).append(panel)
    found: list[FilePanel] = []
    for group in shared.values():
        times: Times = group[0].times
        if len(group) > 1 and sum(len(panel.ids) for panel in group) < _FEW_ROWS * len(group):
            ids = np.concatenate([panel.ids for panel in group])
            found.append(FilePanel(ids, times, np.concatenate([panel.values for panel in group])))
        else:
            found += [FilePanel(panel.ids, times, panel.values) for panel in group]
    return found
