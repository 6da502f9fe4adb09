"""`nightdesk version`: which release this is, and on what it runs."""

import platform

from nightdesk import __version__
from nightdesk.cli.options import Json


def version(*, json: Json = False) -> None:
    """Print the release.

    Python and SQLite are named, too.

    Examples:
        nightdesk version
        nightdesk version --json
    """
    import sqlite3

    if json:
        from nightdesk.cli.paint.paint import print_json

        print_json({"version": __version__, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version})
        return
    print(f"nightdesk {__version__} (Python {platform.python_version()}, SQLite {sqlite3.sqlite_version})")  # noqa: T201
