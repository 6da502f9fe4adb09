"""The page on the HTTP API names every route of the table."""

from pathlib import Path

from nightdesk.api.table import ROUTES

PAGE = Path(__file__).parents[2] / "docs" / "http-api.md"
OF_THE_PAGE = frozenset({"/", "/assets/{name}", "/{name}"})
"""Files of the web page, which are nobody's to ask for."""


def test_every_route_is_on_the_page() -> None:
    """A route that nobody reads of is not there for its clients."""
    told = PAGE.read_text(encoding="utf-8")
    missing = sorted({route.path for route in ROUTES} - OF_THE_PAGE - _paths(told))
    assert missing == []


def _paths(text: str) -> set[str]:
    """Return what stands in code spans, without methods and query strings."""
    spans = text.split("`")[1::2]
    return {word.partition("?")[0] for span in spans for word in span.split() if word.startswith("/")}
