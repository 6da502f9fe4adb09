"""Any value in any column: the store opens, answers without what is damaged and tells of it, and so does verify."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import CorruptData
from nightdesk.model.buckets import FIVE_MINUTES, BucketsWanted, Column
from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.tiers.tiers import Tiers
from nightdesk.store.verify import verify
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

START = 1_700_000_000_000 // DAY * DAY
NOW = START + 40 * DAY
SERIES = [Labels.of("up", sid=f"s{number}") for number in range(3)]
VALUES = ("NULL", "'text'", "x'ff00'", "9223372036854775807", "-1")
KINDS = {
    "samples/days/2023-11-14.db": "a whole day",
    "samples/days/2023-11-15.1.db": "a supplement",
    "samples/tiers/5m/2023-11-14.db": "a tier",
    "samples/journal.db": "the journal",
    "samples/deletions.db": "the deletions",
}


def opened(data: Path, *, seal_when: SealWhen | None = None) -> SampleStore:
    """Open the samples of a data folder."""
    return SampleStore(data / "samples", clock=ManualClock(NOW), retention_ms=100 * YEAR, seal_when=seal_when)


def tiers_of(data: Path, store: SampleStore) -> Tiers:
    """Open the tiers beside a store."""
    return Tiers(data / "samples" / "tiers", store, ManualClock(NOW), KeepTiers())


def write(store: SampleStore, at: int) -> None:
    """Write some instants of all series, and commit."""
    refs = np.array([store.reference(labels) for labels in SERIES])
    for step in range(40):
        values = np.array([step, step / 7 + 0.1, 5.0 if step else np.nan])
        store.append(Batch.at(refs, at + step * 60_000, values))
    store.commit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder with each kind of file."""
    data = tmp_path_factory.mktemp("any") / "data"
    data.mkdir()
    (data / "format").write_text("1\n")
    store = opened(data)
    write(store, START)
    store.seal()
    tiers = tiers_of(data, store)
    tiers.build()
    tiers.close()
    store.close()
    store = opened(data, seal_when=SealWhen(samples=1))
    write(store, START + DAY)
    while not store.stats().seals:
        store.maintain()
    store.delete([(Matcher("sid", MatchOp.EQUAL, "none"),)], START, START + HOUR)
    write(store, START + 2 * DAY)
    store.close()
    return data


def columns(file: Path) -> Iterator[tuple[str, str]]:
    """Yield every column of every table of a file."""
    connection = sqlite3.connect(file)
    for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        for row in connection.execute(f"PRAGMA table_info({table})").fetchall():
            yield table, row[1]
    connection.close()


def changed(file: Path, table: str, column: str, value: str) -> bool:
    """Put a value into the first row of a table, whatever its schema says; False where SQLite itself cannot."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")
    before = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE name NOT LIKE 'sqlite%'")
    connection.close()
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        first = f"(SELECT min(rowid) FROM {table})" if table != "settled" else "1"
        where = "rowid" if table != "settled" else "1"
        done = connection.execute(
            f"UPDATE {table} SET {column} = {value} WHERE {where} = {first} AND {column} IS NOT {value}"
        ).rowcount
    except (sqlite3.IntegrityError, sqlite3.OperationalError):
        done = 0
    connection.execute("PRAGMA writable_schema = ON")
    connection.executemany("UPDATE sqlite_schema SET sql = ? WHERE name = ?", [(sql, name) for name, sql in before])
    connection.close()
    return done > 0


def ask_everything(data: Path) -> tuple[int, dict[tuple[str, int], float]]:
    """Open a folder, ask what can be asked, write on; return the damage told, and all samples by series and instant."""
    store = opened(data)
    tiers = tiers_of(data, store)
    found = {
        (str(series.labels), time): value
        for series in store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
        for time, value in zip(series.times.tolist(), series.values.tolist(), strict=True)
    }
    store.summarised((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    store.series((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    for name in store.label_names(MIN_INSTANT, MAX_INSTANT, FreeBudget()):
        store.label_values(name, MIN_INSTANT, MAX_INSTANT, FreeBudget())
    wanted = BucketsWanted((), START, START + DAY, FIVE_MINUTES, frozenset(Column), sketches=True)
    for _ in range(2):
        try:
            list(tiers.buckets(wanted, FreeBudget()))
            break
        except CorruptData:
            continue  # set aside now; the same question has an answer
    store.append(Batch.at(np.array([store.reference(Labels.of("after"))]), NOW, np.ones(1)))
    store.commit()
    store.seal()
    damaged = store.damaged + tiers.damaged
    tiers.close()
    store.close()
    return damaged, found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("file", KINDS, ids=KINDS.values())
def test_no_value_in_any_column_stops_an_answer(tmp_path: Path, folder: Path, file: str) -> None:
    """What is served was written, and what is missing is told: by the store, and by verify with the file's name."""
    _, truth = ask_everything(shutil.copytree(folder, tmp_path / "sound"))
    met = 0
    for number, (table, column) in enumerate(columns(folder / file)):
        for value in VALUES:
            data = shutil.copytree(folder, tmp_path / f"{number}")
            if changed(data / file, table, column, value):
                met += 1
                place = f"{table}.{column} = {value}"
                told = {each.file: each.damage for each in verify(data)}
                assert [name for name, damage in told.items() if damage and name != file] == [], place
                damaged, found = ask_everything(data)
                wrong = {key: each for key, each in found.items() if repr(truth.get(key)) != repr(each)}
                assert wrong == {}, place
                assert damaged or len(found) == len(truth), place
                assert told[file] or not damaged, place
            shutil.rmtree(data)
    assert met > 20
