"""What docs/rules.md shows can be used as it stands."""

import re
from pathlib import Path

from nightdesk.model.labels import LABEL_PATTERN
from nightdesk.rules.forms.files import complaints_of, load
from nightdesk.rules.forms.lint import hints
from nightdesk.rules.ruletest.run import run_tests
from nightdesk.rules.templates.template import read_template

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_rules_load_and_their_test_passes() -> None:
    """The example of our own form loads without a doubt, and the example of a rule test passes on it."""
    rules, test = EXAMPLES
    assert complaints_of(rules, "disks.yml") == []
    groups = load(rules, "disks.yml")
    assert hints(groups) == []
    assert run_tests(test, "disks.test.yml", lambda name: load(rules, name)) == []


def test_every_function_that_is_named_is_there() -> None:
    """The page promises no template function that does not exist."""
    row = next(line for line in PAGE.splitlines() if line.startswith("| `humanize`"))
    texts = next(line for line in PAGE.splitlines() if line.startswith("| `title`"))
    names = [name.split()[0] for name in re.findall(r"`([^`]+)`", row + texts)]
    assert len(names) > 10
    wanted = {"reReplaceAll": '"a" "b"', "match": '"a"', "printf": '"%s"'}
    for name in names:
        assert LABEL_PATTERN.fullmatch(name)
        assert read_template("{{ $value | " + f"{name} {wanted.get(name, '')}" + " }}")
