"""A declared mapping: which column of a table is which field of the ledger, with its signs, words and times.

The files are TOML, described in docs/ledger.md; the layouts that Nightdesk knows by name are values of the same kind.
"""

import tomllib
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

from nightdesk.errors import SettingsError
from nightdesk.model.trade import Mode


class RowKind(Enum):
    """What the rows of a table are."""

    FILLS = "fills"
    TRADES = "trades"
    EQUITY = "equity"
    FLOWS = "flows"
    RETURNS = "returns"
    PRICES = "prices"


_WHOSE: Final = ("account", "bot")
REQUIRED: Final[Map[RowKind, tuple[str, ...]]] = {
    RowKind.FILLS: ("time", "symbol", "quantity", "price"),
    RowKind.TRADES: ("opened", "closed", "symbol", "quantity", "entry_price", "exit_price", "pnl"),
    RowKind.EQUITY: ("time", "equity"),
    RowKind.FLOWS: ("time", "amount"),
    RowKind.RETURNS: ("time", "return"),
    RowKind.PRICES: ("time", "symbol", "price"),
}
OPTIONAL: Final[Map[RowKind, tuple[str, ...]]] = {
    RowKind.FILLS: ("side", "currency", "fee", "fee_currency", "id", "order_id", "tag", *_WHOSE),
    RowKind.TRADES: (
        "direction",
        "currency",
        "status",
        "open_quantity",
        "fees",
        "entry_fees",
        "exit_fees",
        "entry_fee_rate",
        "exit_fee_rate",
        "return_ratio",
        "id",
        "tag",
        "exit_reason",
        *_WHOSE,
    ),
    RowKind.EQUITY: ("currency", *_WHOSE),
    RowKind.FLOWS: ("currency", "note", "id", *_WHOSE),
    RowKind.RETURNS: _WHOSE,
    RowKind.PRICES: ("currency", *_WHOSE),
}
WORDS: Final = ("buy", "sell", "long", "short", "open", "closed")
"""What a word of a table may mean."""
_SIGNS: Final = ("positive", "signed", "any")
_COSTS: Final = ("positive", "negative")
_PNL: Final = ("net", "gross")
_KEYS: Final = frozenset(
    {"kind", "source", "mode", "delimiter", "decimal", "timezone", "time_format", "quantity", "costs", "pnl"}
    | {"columns", "constants", "words"}
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one table is read."""

    kind: RowKind
    columns: Map[str, tuple[str, ...]]
    """Field -> names of its column; the first that the header has is taken."""
    constants: Map[str, str] = field(default_factory=dict)
    """Field -> what stands for it in every row."""
    name: str = "csv"
    source: str = "csv"
    """Kind of source, as in `Origin.source`."""
    mode: Mode | None = None
    delimiter: str = ","
    decimal: str = "."
    timezone: str = ""
    """Zone of times without one; empty: the command line's, or UTC."""
    time_format: str = "iso"
    quantity: str = "positive"
    """`signed`: below zero is a sale, or a short; `any`: the sign is dropped."""
    costs: str = "positive"
    """`negative`: the table writes fees as money that went out."""
    pnl: str = "net"
    """`gross`: the fees are still to be taken off."""
    words: Map[str, str] = field(default_factory=dict)
    """What the table calls buy, sell, long, short, open and closed, in lower case -> our word."""
    ignored: tuple[str, ...] = ()
    """Further columns of a known layout, by which it is recognised exactly."""

    def fits(self, header: Sequence[str]) -> bool:
        """Tell whether a header is exactly this layout's: all it needs, and nothing it does not know."""
        known = {name for names in self.columns.values() for name in names} | set(self.ignored)
        return not self.missing(header) and all(name in known for name in header)

    def missing(self, header: Sequence[str]) -> list[str]:
        """Return the fields for which neither a column nor a constant is there."""
        return [
            name
            for name in REQUIRED[self.kind]
            if name not in self.constants and not any(column in header for column in self.columns.get(name, ()))
        ]


def read_mapping(file: Path) -> Mapping:
    """Read a mapping from a TOML file. Raises SettingsError that names the file and what would be right."""
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", file=str(file)) from error
    except (ValueError, RecursionError) as error:  # what is no TOML, no UTF-8, or beyond the bounds of Python
        raise SettingsError(f"is not TOML: {error}", file=str(file)) from error
    return _Told(file, told).mapping()


class _Told:
    """A mapping as its file tells it; every complaint names the key."""

    def __init__(self, file: Path, told: dict[str, Any]) -> None:
        self._file, self._told = file, told

    def mapping(self) -> Mapping:
        unknown = sorted(set(self._told) - _KEYS)
        if unknown:
            raise self._fault(f'unknown key "{unknown[0]}"; a mapping knows {", ".join(sorted(_KEYS))}')
        kind = RowKind(self._one_of("kind", [each.value for each in RowKind], None))
        mode = self._one_of("mode", [each.value for each in Mode], "")
        return Mapping(
            kind,
            columns={name: (column,) for name, column in self._texts("columns", kind).items()},
            constants=self._texts("constants", kind),
            name=self._file.stem,
            source=self._text("source", "csv"),
            mode=Mode(mode) if mode else None,
            delimiter=self._one_of("delimiter", [",", ";", "\t", "|"], ","),
            decimal=self._one_of("decimal", [".", ","], "."),
            timezone=self._text("timezone", ""),
            time_format=self._text("time_format", "iso"),
            quantity=self._one_of("quantity", _SIGNS, "positive"),
            costs=self._one_of("costs", _COSTS, "positive"),
            pnl=self._one_of("pnl", _PNL, "net"),
            words=self._words(),
        )

    def _text(self, key: str, default: str) -> str:
        value = self._told.get(key, default)
        if not isinstance(value, str):
            raise self._fault(f"{key} has to be text in quotes")
        return value

    def _one_of(self, key: str, allowed: Sequence[str], default: str | None) -> str:
        value = self._told.get(key, default)
        if value not in allowed and value != default:
            raise self._fault(f"{key} = {value!r} is none of {', '.join(repr(each) for each in allowed)}")
        if not isinstance(value, str):
            raise self._fault(f"{key} is missing; write one of {', '.join(repr(each) for each in allowed)}")
        return value

    def _texts(self, key: str, kind: RowKind) -> dict[str, str]:
        table = self._table(key)
        allowed = (*REQUIRED[kind], *OPTIONAL[kind])
        for name in table:
            if name not in allowed:
                raise self._fault(f'[{key}] knows no field "{name}" for {kind.value}: {", ".join(allowed)}')
        return table

    def _words(self) -> dict[str, str]:
        words = {name.lower(): word for name, word in self._table("words").items()}
        for name, word in words.items():
            if word not in WORDS:
                raise self._fault(f'[words] {name} = "{word}": write one of {", ".join(WORDS)}')
        return words

    def _table(self, key: str) -> dict[str, str]:
        table = self._told.get(key, {})
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            raise self._fault(f"[{key}] has to be a table of texts in quotes")
        return table

    def _fault(self, message: str) -> SettingsError:
        return SettingsError(message, file=str(self._file))
