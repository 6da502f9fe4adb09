"""The table of sources: which one reads a file. A mapping makes it a table; else the first that recognises it."""

from pathlib import Path
from typing import Final

from nightdesk.errors import BadPayload, Refused
from nightdesk.trades.sources.freqtrade_backtest import FreqtradeBacktest
from nightdesk.trades.sources.freqtrade_database import FreqtradeDatabase
from nightdesk.trades.sources.layouts import BY_NAME
from nightdesk.trades.sources.mapping import Mapping, RowKind, read_mapping
from nightdesk.trades.sources.reading import Reading, Source, Stated
from nightdesk.trades.sources.tables import Table

RECOGNISED: Final[tuple[Source, ...]] = (FreqtradeDatabase(), FreqtradeBacktest())
"""Told by their first bytes; anything else is a table."""


def open_file(file: Path, stated: Stated, kind: RowKind, mapping: Mapping | None = None) -> Reading:
    """Open a file of rows. Raises BadPayload where nothing of it can be read, Overloaded where it is locked."""
    if not file.is_file():
        raise BadPayload(f"{file} is not a file")
    source = next((each for each in RECOGNISED if each.recognises(file)), None)
    if source is not None and (mapping is None or mapping is BY_NAME.get(mapping.name)):
        return source.open(file, stated)
    return Table(mapping, kind).open(file, stated)


def mapping_of(named: str) -> Mapping | None:
    """Return the mapping of a name that Nightdesk knows, or of a TOML file; None for the empty text.

    Raises:
        Refused: it is neither.
        SettingsError: the file is no mapping.
    """
    if not named:
        return None
    known = BY_NAME.get(named)
    if known is not None:
        return known
    file = Path(named).expanduser()
    if not file.is_file():
        raise Refused(f'"{named}" is no mapping: write one of {", ".join(BY_NAME)}, or name a TOML file')
    return read_mapping(file)
