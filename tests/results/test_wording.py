import re

import pytest

import lhp_metrics as lhp
from every_result import every_row, every_table
from lhp_metrics.results import wording


def test_hidden_figures_are_said_to_be_hidden():
    hidden = every_table()["registration_change_suppressed"]

    assert hidden["REN"].describe() == (
        "Clatterbridge: the figures are not shown, because counts are too small to publish."
    )


@pytest.mark.parametrize("name", every_table())
def test_of_tables_with_nothing_to_show_nothing_else_is_said(name):
    try:
        hidden = lhp.suppress(every_table()[name], rule=lhp.SuppressionRule(10_000))
    except lhp.InvalidInputError:  # Funnels and the like, which are never suppressed.
        return
    said = "he figures are not shown, because counts are too small to publish."

    assert [row.describe() for row in hidden] == [f"{row.name}: t{said}" for row in hidden]
    if len(hidden):
        assert hidden.describe() == f"T{said}"


def test_a_long_table_without_a_total_ends_with_how_many_more_there_are():
    said = lhp.RegistrationTally.from_counts(dict.fromkeys("ABCDEFGHIJKLMN", 2)).to_table()

    lines = said.without_total("These are all.").describe().split("\n")

    assert lines[0] == "A: Registrations 2."
    assert lines[11:] == ["L: Registrations 2.", "… and 2 more."]


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.0, "100% fewer"),
        (0.001, "over 99% fewer"),
        (0.83, "17% fewer"),
        (0.999, "no change"),
        (1.0, "no change"),
        (1.82, "82% more"),
        (2.0, "100% more"),
        (12.0, "1,100% more"),
        (float("inf"), "no limit to how many more"),
    ],
)
def test_a_ratio_is_told_as_part_of_the_base(ratio, words):
    assert wording.fewer_or_more(ratio) == words


@pytest.mark.parametrize(
    ("difference", "words"),
    [(0.053, "+5.3"), (-0.004, "−0.4"), (0.0, "0.0"), (-0.0001, "0.0"), (0.0001, "0.0")],
)
def test_a_difference_has_its_sign_and_nothing_has_none(difference, words):
    assert wording.signed_points(difference) == words


@pytest.mark.parametrize("name", [*every_table(), *every_row()])
def test_every_result_has_words_and_no_jargon(name):
    result = every_table().get(name) or every_row()[name]
    said = result.describe()

    assert said.endswith(".")
    assert not re.search(r"nan|inf\b|None|wilson|mid-p|goodman|Estimate|_|<|  ", said)
    assert not re.search(r"\d{4,}(?!-)(?<!20\d\d)", said)  # thousands have commas, years have none
