"""The published column contract is what frames have."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import lhp_metrics as lhp
from every_result import every_row, every_table
from lhp_metrics.results._kinds import ROWS, row_class
from lhp_metrics.results.columns import field_types, row_columns
from lhp_metrics.results.frames import flat_columns

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "column-contract.md"
KINDS = {
    "whole number": {int},
    "number": {int, float, Fraction, Decimal},
    "yes or no": {bool},
    "text": {str},
}
FLAT = {"whole": "whole number", "number": "number", "flag": "yes or no", "text": "text"}


def kind(types):
    held = types - {type(None)}
    if lhp.Estimate in held:
        return "three numbers"
    if held == {int, Fraction}:
        return "whole number or number"
    return next(name for name, within in KINDS.items() if held <= within)


def section(name):
    """Return what the page says of one kind of result."""
    types = field_types(row_class(name))
    lines = [f"## {name}", "", "| column | kind | may be missing | heading |", "|---|---|---|---|"]
    for column, about in row_columns(row_class(name)):
        ends = ("", "_low", "_high") if lhp.Estimate in types[column] else ("",)
        shown = ", ".join(f"`{column}{end}`" for end in ends)
        cells = (shown, kind(types[column]), "yes" if about.optional else "", about.title)
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(lines)


@pytest.mark.parametrize("name", ROWS)
def test_the_page_lists_the_columns_of_every_kind_of_result(name):
    # A changed contract is a new definition: its number rises, and the changelog says so.
    assert section(name) in PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", every_table())
def test_frames_have_the_columns_of_the_contract_in_that_order(name):
    table = every_table()[name]
    if table.picked is not None:
        return
    promised = [
        (column, found)
        for column, about in row_columns(table.row_type)
        for found in [kind(field_types(table.row_type)[column])]
    ]
    flat = {column.name: FLAT.get(column.kind) for column in flat_columns(table)}
    expected = [
        f"{column}{end}"
        for column, found in promised
        for end in (("", "_low", "_high") if found == "three numbers" else ("",))
    ]

    assert list(flat)[-len(expected) :] == expected
    for column, found in promised:
        shown = "number" if found == "three numbers" else found
        # A number of which this table has none but whole ones is still a number elsewhere.
        assert flat[column] in shown or (flat[column], shown) == ("whole number", "number")


def test_every_kind_of_single_result_has_a_section():
    assert {type(row).__name__ for row in every_row().values()} <= set(ROWS)
