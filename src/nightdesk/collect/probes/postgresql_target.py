"""Where a PostgreSQL is that is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PORT: Final = 5432


@dataclass(frozen=True, slots=True)
class PostgresqlTarget:
    """Where the database is, in libpq's words; `host` may be the folder of a Unix socket."""

    host: str = ""
    port: int = PORT
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What else libpq is told: user, password, dbname, sslmode, sslrootcert."""
    dsn: str = field(default="", repr=False)
    """A whole connection string, instead of all the others."""
