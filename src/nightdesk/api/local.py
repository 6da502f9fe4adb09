"""What is reachable through the desk's socket in its data folder, and what is demanded there.

Nobody but the folder's owner can open the socket, and no browser can, so neither a token nor the checks against pages
of others apply. All the more only what bots need is served: what they push, and whether the desk is up.
"""

from collections.abc import Mapping
from typing import Final

from nightdesk.api.message import Access, Request, Response
from nightdesk.api.routes import Route, Table
from nightdesk.api.security import Guard
from nightdesk.api.table import ROUTES

PATHS: Final = frozenset({"/api/desk/bots/push", "/-/healthy", "/-/ready"})
LOCAL_TABLE: Final = Table(route for route in ROUTES if route.path in PATHS)


class LocalGuard(Guard):
    """Lets everybody in: the file's mode has judged already."""

    def refuse_host(self, hosts: list[str]) -> Response | None:  # noqa: ARG002 - the guard's
        """Refuse no host: a path of the file system has none."""
        return None

    def refuse(self, request: Request, route: Route) -> Response | None:  # noqa: ARG002 - the guard's
        """Refuse nothing."""
        return None

    def access_of(self, headers: Mapping[str, str]) -> Access:  # noqa: ARG002 - the guard's
        """Everybody here is the owner."""
        return Access(known=True)
