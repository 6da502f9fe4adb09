"""What docs/rules.md shows can be used as it stands."""

import re
from pathlib import Path

from nightdesk.rules.forms.files import complaints_of, load
from nightdesk.rules.forms.lint import hints
from nightdesk.rules.ruletest.run import run_tests
from nightdesk.rules.templates.functions import KNOWN

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_rules_load_and_their_test_passes() -> None:
    """The example of our own form loads without a doubt, and the example of a rule test passes on it."""
    rules, test = EXAMPLES
    assert complaints_of(rules, "disks.yml") == []
    groups = load(rules, "disks.yml")
    assert hints(groups) == []
    assert run_tests(test, "disks.test.yml", lambda name: load(rules, name)) == []


def test_every_function_is_named() -> None:
    """The page names the template functions that there are, each once, and no other."""
    rows = PAGE.partition("## Texts")[2].partition("\n\nWhat promtool")[0].splitlines()
    first = next(place for place, row in enumerate(rows) if row.startswith("| `eq`"))
    names = [name for row in rows[first:] for name in re.findall(r"`([^`]+)`", row)]
    assert sorted(names) == sorted(KNOWN)
