"""Taking rows: each identity once; a row that comes again with other content is corrected, its older form kept."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from nightdesk.model.ledger import LedgerEntry, Taken
from nightdesk.model.trade import Portfolio
from nightdesk.store.ledger.forms import FORM_OF, Content, Form
from nightdesk.store.sqlite import Database

ASKED_AT_ONCE: Final = 500
"""Identities in one SELECT; SQLite allows 32,766 parameters, and beyond some hundreds nothing is gained."""

Identity = tuple[int, str, str]
"""Number of the portfolio, source, id."""


def take(database: Database, entries: Sequence[LedgerEntry], now: int) -> Taken:
    """Take entries in one transaction and say what became of them. Raises Refused for an amount that is none."""
    groups: dict[type, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        groups[type(entry)].append(entry)
    taken = Taken()
    with database.transaction():
        portfolios = Portfolios(database)
        for kind, group in groups.items():
            taken += _take_form(database, FORM_OF[kind], group, portfolios, now)
    return taken


class Portfolios:
    """Numbers of portfolios, made on first sight; right for one transaction."""

    def __init__(self, database: Database) -> None:
        """Read what is there."""
        self._database = database
        self._numbers = {portfolio: number for number, portfolio in all_portfolios(database)}

    def number(self, portfolio: Portfolio) -> int:
        """Return a portfolio's number."""
        known = self._numbers.get(portfolio)
        if known is None:
            made = self._database.execute(
                "INSERT INTO portfolios (account, bot, mode) VALUES (?, ?, ?) RETURNING number",
                (portfolio.account, portfolio.bot, portfolio.mode),
            )
            self._numbers[portfolio] = known = int(made[0][0])
        return known


def all_portfolios(database: Database) -> list[tuple[int, Portfolio]]:
    """Return every portfolio with its number."""
    rows = database.execute("SELECT number, account, bot, mode FROM portfolios ORDER BY account, bot, mode")
    return [(number, Portfolio(account, bot, mode)) for number, account, bot, mode in rows]


def _take_form(
    database: Database, form: Form[Any], entries: Sequence[LedgerEntry], portfolios: Portfolios, now: int
) -> Taken:
    rows = [
        ((portfolios.number(entry.origin.portfolio), entry.origin.source, entry.origin.id), form.content(entry))
        for entry in entries
    ]
    standing = _standing(database, form, [identity for identity, _ in rows])
    fresh: dict[Identity, Content] = {}
    replaced: list[tuple[Identity, Content]] = []
    known = added = 0
    for identity, content in rows:
        old = standing.get(identity)
        if old == content:
            known += 1
            continue
        if old is None:
            added += 1
        elif form.says_the_same(old, content):
            known += 1
        else:
            replaced.append((identity, old))
        standing[identity] = fresh[identity] = content
    _write(database, form, fresh, now)
    _remember(database, form, replaced, now)
    return Taken(added, known, len(replaced))


def _standing(database: Database, form: Form[Any], identities: Sequence[Identity]) -> dict[Identity, Content]:
    """Return what the ledger holds under these identities."""
    wanted: dict[tuple[int, str], list[str]] = defaultdict(list)
    for portfolio, source, row_id in identities:
        wanted[portfolio, source].append(row_id)
    found: dict[Identity, Content] = {}
    for (portfolio, source), ids in wanted.items():
        for some in in_slices(ids):
            marks = ", ".join("?" * len(some))
            rows = database.execute(
                f"SELECT id, {form.names} FROM {form.table}"  # noqa: S608 - names from our own table of forms
                f" WHERE portfolio = ? AND source = ? AND id IN ({marks})",
                (portfolio, source, *some),
            )
            found.update(((portfolio, source, row[0]), tuple(row[1:])) for row in rows)
    return found


def in_slices(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """Cut identities into as many as one SELECT asks for."""
    return (ids[start : start + ASKED_AT_ONCE] for start in range(0, len(ids), ASKED_AT_ONCE))


def _write(database: Database, form: Form[Any], fresh: dict[Identity, Content], now: int) -> None:
    """Insert rows or put them in the place of their older form; the text is PostgreSQL's as well as SQLite's."""
    places = ", ".join("?" * (4 + len(form.columns)))
    news = ", ".join(f"{name} = excluded.{name}" for name in ("taken_at", *form.columns))
    database.execute_many(
        f"INSERT INTO {form.table} (portfolio, source, id, taken_at, {form.names}) VALUES ({places})"  # noqa: S608
        f" ON CONFLICT (portfolio, source, id) DO UPDATE SET {news}",
        [(*identity, now, *content) for identity, content in fresh.items()],
    )


def _remember(database: Database, form: Form[Any], replaced: list[tuple[Identity, Content]], now: int) -> None:
    database.execute_many(
        "INSERT INTO history (form, portfolio, source, id, replaced_at, content) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (form.table, *identity, now, json.dumps(dict(zip(form.columns, content, strict=True))))
            for identity, content in replaced
        ],
    )
