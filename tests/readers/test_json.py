"""JSON as services send it, and as it goes wrong."""

import io
import json
from fractions import Fraction

import pytest

import lhp_metrics as lhp

NEEDED = '"reference": "G1", "submitted_on": "2023-05-01", "outcome": "successful"'


def read(text):
    return lhp.read_grants(io.StringIO(text))


def test_numbers_with_a_point_are_exact():
    # 4503599627.37 has no float of its own with 15 digits to spare.
    (grant,) = read(f'[{{{NEEDED}, "amount_awarded": 4503599627.37}}]')

    assert str(grant.amount_awarded) == "4503599627.37"


def test_null_blank_text_and_what_is_not_there_are_nothing():
    one, other = read(
        f'[{{{NEEDED}, "theme": null}}, {{{NEEDED.replace("G1", "G2")}, "lead": ""}}]'
    )

    assert (one.theme, one.lead, other.theme, other.lead) == (None,) * 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "it is no JSON"),
        ("{}", "must be a list of objects"),
        ('{"grants": []}', "must be a list of objects"),
        ("[1]", r"must be an object\n    1 \(row 1\)"),
        ("[{}, []]", r"must be an object\n    \[\] \(row 2\)"),
        (f'[{{{NEEDED}, "amount_awarded": NaN}}]', "NaN is no JSON number"),
        (f'[{{{NEEDED}, "amount_awarded": -Infinity}}]', "-Infinity is no JSON number"),
        (f'[{{{NEEDED}, "theme": "a", "theme": "b"}}]', "has the key 'theme' twice"),
        ("[" * 200_000, "it is nested too deeply"),
        (f'[{{{NEEDED}, "theme": {"9" * 5_000}}}]', "it is no JSON"),
        (f'[{{{NEEDED}, "amount_awarded": 1e999999}}]', "must be a finite number"),
        (f'[{{{NEEDED}, "theme": {{"a": 1}}}}]', "theme: must be text"),
        (f'[{{{NEEDED}, "shares": {{"REM": "1e9999999"}}}}]', "must be a part such as 1/3"),
        (f'[{{{NEEDED}, "theme": true}}]', "theme: must be text"),
    ],
)
def test_the_wrong_shape_is_refused_with_the_reason(text, message):
    with pytest.raises(lhp.InvalidFileError, match=message):
        read(text)


def test_objects_without_a_common_key_are_no_rows():
    # As rows of one table they would be 4,000 x 4,000 cells.
    with pytest.raises(lhp.InvalidFileError, match="4,000 different keys"):
        lhp.read_grants([{f"G{i}": {}} for i in range(4_000)])


def test_an_empty_list_is_no_records():
    assert len(read("[]")) == 0
    assert len(lhp.read_studies([])) == 0


def test_shares_and_partners_have_shapes_of_their_own():
    text = json.dumps(
        [
            {
                "reference": 1,
                "submitted_on": "2023-05-01",
                "outcome": "pending",
                "lead": "REM",
                "partners": ["REN"],
                "shares": {"REM": "2/3", "REN": "1/3"},
            }
        ]
    )

    (grant,) = read(text)

    assert grant.shares == {"REM": Fraction(2, 3), "REN": Fraction(1, 3)}
    assert grant.organisations == ("REM", "REN")


def test_the_name_decides_only_where_the_content_does_not(tmp_path):
    (tmp_path / "g.txt").write_text("[]")
    (tmp_path / "g.csv").write_text("[reference],submitted_on,outcome\n")
    (tmp_path / "g.json").write_text("reference,submitted_on,outcome\n")

    assert len(lhp.read_grants(tmp_path / "g.txt")) == 0
    assert len(lhp.read_grants(tmp_path / "g.csv")) == 0
    with pytest.raises(lhp.InvalidFileError, match="it is no JSON"):
        lhp.read_grants(tmp_path / "g.json")
