"""The tables of state.db and how one format leads to the next; drawn in docs/format/state.md."""

from typing import Final

from nightdesk.store.sqlite import FileFormat

_FORMAT_1: Final = (
    # Alerts that are pending or firing; `body` is the JSON form of model.alert.Alert.
    """
    CREATE TABLE alerts (
        fingerprint TEXT PRIMARY KEY,
        body        TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # Every change of an alert's state, oldest first by `number`, which never comes twice.
    """
    CREATE TABLE transitions (
        number   INTEGER PRIMARY KEY AUTOINCREMENT,
        at       INTEGER NOT NULL,
        body     TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX transitions_by_time ON transitions (at)",
    # Messages and their fate; `due_at` is what model.notice.OutboxEntry calls next_at, or the end of a lease.
    """
    CREATE TABLE outbox (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        key        TEXT NOT NULL UNIQUE,
        channel    TEXT NOT NULL,
        severity   INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        state      TEXT NOT NULL,
        attempts   INTEGER NOT NULL DEFAULT 0,
        due_at     INTEGER NOT NULL,
        body       TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE INDEX outbox_unsettled ON outbox (severity DESC, created_at, id, channel, due_at)
    WHERE state IN ('queued', 'leased')
    """,
    # Which alerts a message is about: an older message about the same alert goes first.
    """
    CREATE TABLE outbox_alerts (
        fingerprint TEXT NOT NULL,
        entry       INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
        PRIMARY KEY (fingerprint, entry)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX outbox_alerts_by_entry ON outbox_alerts (entry)",
    """
    CREATE TABLE attempts (
        entry       INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
        number      INTEGER NOT NULL,
        at          INTEGER NOT NULL,
        failure     TEXT,
        detail      TEXT NOT NULL,
        retry_after INTEGER NOT NULL,
        PRIMARY KEY (entry, number)
    ) STRICT, WITHOUT ROWID
    """,
)

# Several rules may hold one label set: each has its row. A row that cannot be read is carried over as it is.
_FORMAT_2: Final = (
    """
    CREATE TABLE alerts_of_rules (
        fingerprint TEXT NOT NULL,
        rule        TEXT NOT NULL,
        body        TEXT NOT NULL,
        PRIMARY KEY (fingerprint, rule)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO alerts_of_rules (fingerprint, rule, body)
    SELECT fingerprint, CASE WHEN json_valid(body) THEN coalesce(json_extract(body, '$.rule'), '') ELSE '' END, body
    FROM alerts
    """,
    "DROP TABLE alerts",
    "ALTER TABLE alerts_of_rules RENAME TO alerts",
)

# Whether a person said that a channel's messages arrive, with which settings. Of a code only a hash is kept.
_FORMAT_3: Final = (
    """
    CREATE TABLE channel_tests (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        channel     TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        key         TEXT NOT NULL,
        code_hash   TEXT NOT NULL UNIQUE,
        sent_at     INTEGER NOT NULL,
        used_at     INTEGER
    ) STRICT
    """,
    """
    CREATE TABLE confirmations (
        channel     TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        at          INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

STATE: Final = FileFormat(noun="state file", application_id=0x4E445354, migrations=(_FORMAT_1, _FORMAT_2, _FORMAT_3))
"""`application_id` spells NDST."""
