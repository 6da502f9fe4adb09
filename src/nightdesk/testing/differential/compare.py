"""Whether two answers of Prometheus' API say the same."""

import math
from typing import Any, Final

TOLERANCE: Final = 1e-9
"""Relative; both add and multiply floats, in other orders."""

Series = dict[tuple[tuple[str, str], ...], list[tuple[float, float]]]


def difference(ours: Any, theirs: Any, *, ranked: bool = False, ordered: bool = False) -> str:
    """Say how two answers differ, empty where they do not; errors agree whatever their words.

    With `ranked` only the values are compared: of equal values `topk` may keep any series. With `ordered` the values of
    an instant stand in the same order, too.
    """
    if ours["status"] != theirs["status"]:
        return f"{ours.get('error', 'an answer')} / {theirs.get('error', 'an answer')}"
    if ours["status"] == "error":
        kinds = ours["errorType"], theirs["errorType"]
        return "" if kinds[0] == kinds[1] else f"error types {kinds}"
    one, two = ours["data"], theirs["data"]
    if one["resultType"] != two["resultType"]:
        return f"types {one['resultType']} / {two['resultType']}"
    if one["resultType"] in ("scalar", "string"):
        return (
            "" if _same(_number(one["result"][1]), _number(two["result"][1])) else f"{one['result']} / {two['result']}"
        )
    if ordered and one["resultType"] == "vector":
        values = [[_number(row["value"][1]) for row in side["result"]] for side in (one, two)]
        if len(values[0]) == len(values[1]) and not all(map(_same, *values)):
            return f"the order {values[0]} / {values[1]}"
    left, right = series_of(one["result"]), series_of(two["result"])
    return _different_values(left, right) if ranked else _different_series(left, right)


def series_of(result: list[Any]) -> Series:
    """Return the samples of a vector or matrix by label set."""
    return {
        tuple(sorted(row["metric"].items())): [
            (at, _number(text)) for at, text in (row["values"] if "values" in row else [row["value"]])
        ]
        for row in result
    }


def _different_series(left: Series, right: Series) -> str:
    if left.keys() != right.keys():
        return (
            f"only ours {sorted(left.keys() - right.keys())[:3]}, only theirs {sorted(right.keys() - left.keys())[:3]}"
        )
    for labels, mine in left.items():
        other = right[labels]
        if [at for at, _ in mine] != [at for at, _ in other]:
            return f"{dict(labels)}: other instants, {len(mine)} / {len(other)} samples"
        for (at, one), (_, two) in zip(mine, other, strict=True):
            if not _same(one, two):
                return f"{dict(labels)} at {at}: {one!r} / {two!r}"
    return ""


def _different_values(left: Series, right: Series) -> str:
    values = [
        sorted(((at, value) for rows in side.values() for at, value in rows if value == value), key=lambda row: row)
        for side in (left, right)
    ]
    if len(values[0]) != len(values[1]):
        return f"{len(values[0])} / {len(values[1])} samples"
    pairs = zip(*values, strict=True)
    return next((f"{one} / {two}" for one, two in pairs if one[0] != two[0] or not _same(one[1], two[1])), "")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _same(one: float, two: float) -> bool:
    return one == two or (one != one and two != two) or math.isclose(one, two, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
