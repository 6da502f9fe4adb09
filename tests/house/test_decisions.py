"""The pages of decisions: titles in one form, and an index that is true."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
TITLE = re.compile(r"# (?P<number>\d{4}) (?P<title>\S.*)")
STATUS = re.compile(
    r"^\*\*Status\.\*\* (?P<word>Superseded|Amended) by \[(?P<by>\d{4})\]\((?P<page>[\w.-]+)\)[:.]", re.MULTILINE
)
IN_FORCE = "in force"


def _row(page: Path) -> str:
    """Return the row of the index that a page stands for."""
    text = page.read_text("utf-8")
    title, status = TITLE.match(text), STATUS.search(text)
    assert title is not None, f"{page.name} begins with something else than `# NNNN Title`"
    told = IN_FORCE if status is None else f"{status['word'].lower()} by [{status['by']}]({status['page']})"
    return f"| [{title['number']}]({page.name}) | {title['title']} | {told} |"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_bear_their_number_in_name_and_title(page: Path) -> None:
    """`0129-windows-out-of-summaries.md` begins with `# 0129 Windows out of summaries`: no colon, no other number."""
    title = TITLE.match(page.read_text("utf-8"))
    assert title is not None
    assert title["number"] == page.name[:4]
    assert not title["title"].endswith(".")


def test_a_status_names_a_later_page_that_is_there() -> None:
    """What supersedes or amends a decision came after it, and can be read."""
    for page in PAGES:
        status = STATUS.search(page.read_text("utf-8"))
        if status is not None:
            assert status["by"] > page.name[:4]
            assert status["page"].startswith(status["by"])
            assert (FOLDER / status["page"]).exists()


def test_the_index_has_every_page_as_it_is() -> None:
    """Number, title and status of each, in order, and nothing else."""
    found = [line for line in (FOLDER / "README.md").read_text("utf-8").splitlines() if line.startswith("| [")]
    assert found == [_row(page) for page in PAGES]
