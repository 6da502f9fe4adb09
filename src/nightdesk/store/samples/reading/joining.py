"""Joining what one question found in several places, so that each series ends up in one matrix."""

import itertools
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from nightdesk.model.panel import FEW_ROWS
from nightdesk.model.series import Times
from nightdesk.store.samples.chunks.day_file import FilePanel

_Run: TypeAlias = list[FilePanel]
"""Pieces of the same series in the same order, each later than the one before it."""


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
    alike: dict[bytes, tuple[Times, list[_Run]]] = {}
    groups.reverse()
    while groups:
        run = _in_time(groups.pop())
        times = run[0].times if len(run) == 1 else np.concatenate([piece.times for piece in run])
        alike.setdefault(times.tobytes(), (times, []))[1].append(run)
    found: list[FilePanel] = []
    for times, runs in alike.values():
        if sum(len(run[0].ids) for run in runs) < FEW_ROWS * len(runs):
            found.append(_laid_out(runs, times))
        while runs:
            found.append(_laid_out([runs.pop()], times))
    return found


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


def _in_time(pieces: Sequence[FilePanel]) -> _Run:
    """Put pieces of the same series in the same order after each other; those that overlap become one."""
    run = sorted(pieces, key=_first)
    if all(one.times[-1] < other.times[0] for one, other in itertools.pairwise(run)):
        return run
    times = np.concatenate([piece.times for piece in pieces])
    # Stable, so that of equal instants the one written last comes last, and is the one that stays.
    order = np.argsort(times, kind="stable")
    times = times[order]
    last_of_equals = np.append(times[1:] != times[:-1], True)
    values = np.concatenate([piece.values for piece in pieces], axis=1)[:, order[last_of_equals]]
    return [FilePanel(pieces[0].ids, times[last_of_equals], values)]


def _first(piece: FilePanel) -> int:
    return int(piece.times[0])


def _laid_out(runs: list[_Run], times: Times) -> FilePanel:
    """Write runs with the same instants into one matrix, below each other; the list is used up."""
    if len(runs) == 1 and len(runs[0]) == 1:
        (piece,) = runs.pop()
        return FilePanel(piece.ids, times, piece.values)
    ids = np.concatenate([run[0].ids for run in runs])
    values = np.empty((len(ids), len(times)))
    end = len(ids)
    while runs:
        run = runs.pop()
        begin, at = end - len(run[0].ids), 0
        for piece in run:
            values[begin:end, at : at + len(piece.times)] = piece.values
            at += len(piece.times)
        end = begin
    return FilePanel(ids, times, values)
