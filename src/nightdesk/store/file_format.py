"""What a kind of database file is: its name in sentences, its mark, and how it came from format to format."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileFormat:
    """What a kind of database file is: `migrations[n]` holds the statements that lead from format n to n + 1.

    Each of them changes the tables, be it by a name alone: so they tell the format too, where the number is damaged.
    """

    noun: str
    """What a sentence calls such a file, e.g. "day file"."""
    application_id: int
    """Written to the file's header, so that a foreign database is never taken for ours."""
    migrations: tuple[tuple[str, ...], ...]
    page_size: int = 4096
    """Of a new file; larger pages waste less where rows are kilobytes."""
    before: "FileFormat | None" = None
    """The kind whose numbers come before these under the same application id: no file is migrated from it."""
    pointer_map: bool = False
    """Keep track of which page follows which, so that a slice of a large blob is found without reading all before."""
    oldest_read: int | None = None
    """The first format that is read as it is, without a migration; none but the newest where it is None."""

    @property
    def number(self) -> int:
        """The newest format this release reads and the one it writes."""
        return len(self.migrations)
