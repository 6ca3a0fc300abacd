"""Whatever a file holds: records, or the documented error, and never another exception."""

import datetime as dt
import io
import json
import zipfile
from importlib.util import find_spec

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import grant_lists, study_lists

EXCEL = pytest.param("excel", marks=pytest.mark.needs("openpyxl"))
READERS = [lhp.read_grants, lhp.read_studies, lhp.read_counts]
HEADINGS = (
    "reference,submitted_on,outcome,lead,partners,shares,amount_awarded,decided_on",
    "study_id,registered_on,organisation,share,opened_on,recruited,commercial",
    "organisation,month,successful,unsuccessful,pending",
    "organisation,registrations",
)
# Cells that mean something to one field or another, and some that mean nothing to any.
CELLS = st.sampled_from(
    [
        "",
        " ",
        "G1",
        "0",
        "-1",
        "7",
        "1e999999999",
        "9" * 400,
        "nan",
        "inf",
        "2024-01-31",
        "2024-06-30T23:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "31/01/2024",
        "successful",
        "pending",
        "REM",
        "REM; REN",
        "REM=1/2; REN=1/2",
        "REM=1/0",
        "=cmd|' /C calc'!A0",
        "'=1",
        '"',
        ";",
        "https://ror.org/04xs57h96",
        "ror.org/",
        "£1,234.56",
        "yes",
        "٣",
    ]
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELLS | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(CELLS | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


def read_or_refuse(read, source, **options):
    refused = None
    try:
        read(source, **options)
    except lhp.InvalidFileError as error:
        refused = error
    except lhp.MissingExtraError:
        assert find_spec("openpyxl") is None  # what begins as a workbook does
    if refused is not None:
        assert refused.faults
        assert refused.exceptions
        assert str(refused)


@pytest.mark.parametrize("read", READERS)
@given(text=st.text(st.characters(codec="utf-8")))
@example(text='reference,submitted_on,outcome\n"')
@example(text='reference,"sub\n')
@example(text="[" * 100_000)
@example(text='[{"reference": 1e999999999}]')
@example(text='[{"reference": ' + "9" * 5_000 + "}]")
@example(text="\ufeff")
@example(text="a\0b")
@example(text="sep=;\na;b")
def test_any_text_is_read_or_refused(read, text):
    read_or_refuse(read, io.StringIO(text, newline=""))
    read_or_refuse(read, io.BytesIO(text.encode()))


@pytest.mark.parametrize("read", READERS)
@given(content=st.binary(), encoding=st.sampled_from(["utf-8", "cp1252", "utf-16", "utf-7"]))
@example(content=b"PK\x03\x04", encoding="utf-8")
@example(content=b"\xff\xfea\x00", encoding="utf-8")
def test_any_bytes_are_read_or_refused(read, content, encoding):
    read_or_refuse(read, io.BytesIO(content), encoding=encoding)


@pytest.mark.parametrize("read", READERS)
@given(data=st.data(), headings=st.sampled_from(HEADINGS), delimiter=st.sampled_from(",;\t"))
def test_any_cells_below_headings_are_read_or_refused(read, data, headings, delimiter):
    width = headings.count(",") + 1
    rows = data.draw(
        st.lists(
            st.lists(CELLS | st.text(st.characters(codec="utf-8")), max_size=width + 1), max_size=6
        )
    )
    lines = [headings.split(","), *rows]
    text = "\n".join(delimiter.join(cells) for cells in lines)
    for dates in ("iso", "uk"):
        options = {} if read is lhp.read_counts else {"dates": dates, "on_error": "collect"}
        read_or_refuse(read, io.StringIO(text, newline=""), **options)


@pytest.mark.parametrize("read", READERS)
@given(data=st.data(), headings=st.sampled_from(HEADINGS))
def test_any_json_is_read_or_refused(read, data, headings):
    keys = st.sampled_from([*headings.split(","), "sites", "partner"])
    items = st.lists(st.dictionaries(keys, JSON_VALUES), max_size=4)
    found = data.draw(items | JSON_VALUES)
    read_or_refuse(read, io.StringIO(json.dumps(found)))


@given(
    items=st.lists(
        st.fixed_dictionaries(
            {
                "reference": st.integers() | CELLS,
                "submitted_on": st.datetimes(timezones=st.none() | st.timezones()) | CELLS,
                "outcome": CELLS,
            },
            optional={
                "amount_awarded": st.floats() | st.decimals() | st.fractions(),
                "lead": st.binary() | st.complex_numbers() | st.just(dt.time()),
                "partners": st.lists(CELLS) | st.dictionaries(CELLS, CELLS),
                "shares": st.dictionaries(CELLS, st.floats() | st.fractions() | st.integers()),
            },
        ),
        max_size=4,
    )
)
def test_any_dicts_are_read_or_refused(items):
    read_or_refuse(lhp.read_grants, items)


# Where to cut (as a part of the whole), how much, and what to put there.
CUTS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=4)), min_size=1, max_size=4
)


def mutated(content, cuts):
    for where, many, other in cuts:
        place = int(where * len(content))
        content = content[:place] + other + content[place + many :]
    return content


def mutated_inside(workbook, cuts):
    """Return the workbook with one of its parts changed but packed as it should be."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(changed, "w") as new:
        parts = sorted(old.namelist())
        chosen = parts[int(cuts[0][0] * (len(parts) - 1))]
        for part in parts:
            content = old.read(part)
            new.writestr(part, mutated(content, cuts) if part == chosen else content)
    return changed.getvalue()


@pytest.mark.parametrize("file_format", ["csv", "json", EXCEL])
@given(cuts=CUTS, grants=grant_lists(max_size=4), studies=study_lists(max_size=4))
def test_valid_files_with_bytes_changed_are_read_or_refused(file_format, cuts, grants, studies):
    for read, write, records in (
        (lhp.read_grants, lhp.write_grants, grants),
        (lhp.read_studies, lhp.write_studies, studies),
    ):
        file = io.BytesIO()
        write(records, file, file_format=file_format)
        read_or_refuse(read, io.BytesIO(mutated(file.getvalue(), cuts)))
        if file_format == "excel":
            read_or_refuse(read, io.BytesIO(mutated_inside(file.getvalue(), cuts)))
