"""Annotations: infos and warnings that come back beside a good answer, in Prometheus' words and with a position."""

from nightdesk.query.language.position import Span, place


class Notes:
    """The annotations of one query, each text once, in order of first sight."""

    def __init__(self, text: str) -> None:
        """Take the query's text, which positions refer to."""
        self._text = text
        self._warnings: dict[str, None] = {}
        self._infos: dict[str, None] = {}

    @property
    def warnings(self) -> list[str]:
        """What is probably wrong."""
        return list(self._warnings)

    @property
    def infos(self) -> list[str]:
        """What may be worth knowing."""
        return list(self._infos)

    def warn(self, message: str, span: Span) -> None:
        """Add a warning about a piece of the query."""
        self._warnings[f"PromQL warning: {message} ({place(self._text, span.start)})"] = None

    def inform(self, message: str, span: Span) -> None:
        """Add an info about a piece of the query."""
        self._infos[f"PromQL info: {message} ({place(self._text, span.start)})"] = None
