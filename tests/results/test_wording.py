import re

import pytest

from every_result import every_row, every_table


def test_hidden_figures_are_said_to_be_hidden():
    hidden = every_table()["registration_change_suppressed"]

    assert hidden["REN"].describe() == (
        "Clatterbridge: the figures are not shown, because counts are too small to publish."
    )


@pytest.mark.parametrize("name", [*every_table(), *every_row()])
def test_every_result_has_words_and_no_jargon(name):
    result = every_table().get(name) or every_row()[name]
    said = result.describe()

    assert said.endswith(".")
    assert not re.search(r"nan|inf\b|None|wilson|mid-p|goodman|Estimate|_|<|  ", said)
    assert not re.search(r"\d{4,}(?!-)(?<!20\d\d)", said)  # thousands have commas, years have none
