"""Amounts as people and programs write them: grouped, typeset, in parentheses, with the currency beside the number."""

import re
from decimal import Decimal
from typing import Final

from nightdesk.model.money import exact_sum
from nightdesk.trades.sources.cells import NUMBER, exact_number
from nightdesk.trades.sources.reading import RowFault

Amount = tuple[Decimal, str]
"""A number, and the code of the currency written beside it; empty where there is none."""

_TYPESET: Final = str.maketrans(
    dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{FULLWIDTH HYPHEN-MINUS}\N{SMALL HYPHEN-MINUS}", "-")
    | dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}", " ")
    | {"\N{RIGHT SINGLE QUOTATION MARK}": "'"}
)
_SIGNS: Final = {"€": "EUR", "£": "GBP", "₿": "BTC", "US$": "USD", "$": "", "¥": ""}
"""Signs of currencies as codes; several currencies are written with a dollar or a yen sign, which name none."""
_MONEY: Final = r"""
    (?P<sign>[+-]?)\s?
    (?P<before>US\$|[$€£¥₿]|[A-Z]{{3,10}}|[A-Z][A-Z0-9]{{2,9}}(?=\s))?\s?
    (?P<inner>[+-]?)
    (?=[.,]?\d)(?P<whole>\d*|[1-9]\d{{0,2}}(?P<group>[{groups}])\d{{3}}(?:(?P=group)\d{{3}})*)
    (?:{point}(?P<fraction>\d*))?(?P<power>[eE][+-]?\d{{1,4}})?
    (?P<after>-|\s?(?:US\$|[$€£¥₿]|[A-Z][A-Z0-9]{{2,9}}))?
"""
"""A group has three digits and the first no leading zero: `0.123` with a decimal comma is a mistake, not 123."""
_POINT: Final = re.compile(_MONEY.format(groups=",' ", point=r"\."), re.ASCII | re.VERBOSE)
_COMMA: Final = re.compile(_MONEY.format(groups=".' ", point=","), re.ASCII | re.VERBOSE)
_LISTED: Final = re.compile(r"""'([^']*)'|"([^"]*)"|([^\s,'"][^,]*)""")


def amount(text: str, *, decimal_comma: bool = False) -> Amount:
    """Read an amount exactly as it is written; the sum of a list such as `['0.025 USDT']`. Raises RowFault."""
    if not decimal_comma and NUMBER.fullmatch(text):
        return exact_number(text), ""
    plain = text.translate(_TYPESET).strip()
    if plain.startswith("[") and plain.endswith("]"):
        return _sum([amount("".join(found), decimal_comma=decimal_comma) for found in _LISTED.findall(plain[1:-1])])
    read = _one(plain, _COMMA if decimal_comma else _POINT)
    if read is not None:
        return read
    if plain.lstrip("+-").lower() in ("nan", "inf", "infinity"):
        raise RowFault(f"{plain} is not a finite number")
    if _one(plain, _POINT if decimal_comma else _COMMA) is None:
        raise RowFault(f"{text!r} is not a number")
    mark, setting = ("comma", ".") if decimal_comma else ("point", ",")
    raise RowFault(f"{text!r} is not a number with a decimal {mark}; say decimal = {setting!r} where it is written so")


def _one(plain: str, form: re.Pattern[str]) -> Amount | None:
    """Read one amount; None where it has not this form, or says its sign or its currency twice."""
    is_owed = plain.startswith("(") and plain.endswith(")")
    found = form.fullmatch(plain[1:-1].strip() if is_owed else plain)
    if found is None:
        return None
    after = found["after"] or ""
    sign = found["sign"] + found["inner"] + ("-" if after == "-" else "") + ("-" if is_owed else "")
    beside = [mark.strip() for mark in (found["before"] or "", after) if mark not in ("", "-")]
    if len(sign) > 1 or len(beside) > 1:
        return None
    whole = found["whole"].replace(found["group"], "") if found["group"] else found["whole"]
    fraction = f".{found['fraction']}" if found["fraction"] else ""
    value = exact_number(f"{sign}{whole}{fraction}{found['power'] or ''}")
    return value, _SIGNS.get(beside[0], beside[0]) if beside else ""


def _sum(amounts: list[Amount]) -> Amount:
    currencies = sorted({currency for _, currency in amounts})
    if len(currencies) > 1:
        raise RowFault(f"amounts of several currencies, {', '.join(currencies)}, have no sum")
    return exact_sum(value for value, _ in amounts), "".join(currencies)
