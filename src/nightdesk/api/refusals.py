"""How the errors of the desk become statuses of HTTP and error types of Prometheus: one table, first match wins."""

from typing import Final

from nightdesk.api.message import Response
from nightdesk.api.prometheus.encode import failure
from nightdesk.errors import (
    DataFolderFull,
    Exceeded,
    NightdeskError,
    Overloaded,
    PayloadTooLarge,
    QueryCancelled,
    QueryError,
    QueryLimitExceeded,
    QueryTimeout,
    Refused,
    StoreError,
)

RETRY_SECONDS: Final = b"5"

STATUSES: Final[tuple[tuple[type[NightdeskError], int, str], ...]] = (
    (QueryError, 422, "execution"),
    (QueryLimitExceeded, 422, "execution"),
    (QueryTimeout, 503, "timeout"),
    (QueryCancelled, 503, "canceled"),
    (PayloadTooLarge, 413, "bad_data"),
    (Overloaded, 503, "unavailable"),
    (Exceeded, 429, "unavailable"),
    (Refused, 400, "bad_data"),
    (DataFolderFull, 503, "unavailable"),
    (StoreError, 500, "internal"),
    (NightdeskError, 500, "internal"),
)


def answer_error(error: NightdeskError) -> Response:
    """Return the answer for an error that was raised on purpose."""
    status, kind = next((status, kind) for known, status, kind in STATUSES if isinstance(error, known))
    later = isinstance(error, Overloaded | DataFolderFull)
    headers = ((b"retry-after", RETRY_SECONDS),) if later else ()
    return Response(status, failure(kind, str(error)), headers=headers)
