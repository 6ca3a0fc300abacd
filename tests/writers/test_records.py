"""What is written reads back as it was."""

import io

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import grant_lists, grants, is_group, pounds, studies, study_lists

FORMATS = pytest.mark.parametrize("file_format", ["csv", "json", "excel"])
# Anything that text in a record may hold and a file can: no control characters.
ANY_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), min_size=1, max_size=30
)
AWKWARD = st.sampled_from(
    [
        "=1+1",
        "+44 151",
        "-5",
        "@SUM(A1)",
        "'=1",
        "''@x",
        "'quoted'",
        "#N/A",
        "TRUE",
        "007",
        "1e5",
        "a;b",
        'the "best"; x',
        '"',
        ";",
        "; ",
        "A=B",
        "=;-",
        "_x0041_",
        "2024-01-31",
        "nan",
        "null",
        "＝x",
        "[",
        "{}",
        "\ufeff",
        "£1,5",
        "a,b",
    ]
)
WORDS = (ANY_TEXT | AWKWARD).filter(str.strip).filter(is_group)


def round_trip(read, write, records, file_format, **options):
    file = io.BytesIO()
    write(records, file, file_format=file_format)
    file.seek(0)
    return read(file, **options)


@FORMATS
@given(records=grant_lists(max_size=6))
def test_grants_read_back_equal(file_format, records):
    back = round_trip(lhp.read_grants, lhp.write_grants, records, file_format)

    assert list(back) == records
    assert back.passed_over == ()


@FORMATS
@given(records=study_lists(max_size=6))
def test_studies_read_back_equal(file_format, records):
    back = round_trip(lhp.read_studies, lhp.write_studies, records, file_format)

    assert list(back) == records


@FORMATS
@given(text=WORDS, names=st.lists(WORDS, min_size=1, max_size=4), day=st.dates(), amount=pounds)
@example(text="=cmd|' /C calc'!A0", names=["=a", '"b"; c'], day="1899-12-31", amount=None)
def test_every_text_date_and_amount_reads_back_as_it_was(file_format, text, names, day, amount):
    grant = lhp.Grant(
        reference=text,
        submitted_on=day,
        outcome="successful",
        funder=text,
        scheme=text,
        lead=names[0],
        partners=names,
        amount_requested=amount,
        resubmission_of=f"{text}2",
    )
    grant = lhp.Grant(**{name: getattr(grant, name) for name in FIELDS}, shares={grant.lead: 1})
    study = lhp.Study(
        study_id=text,
        sponsor=text,
        sites=[lhp.StudySite(name, opened_on=day) for name in grant.partners],
        shares={grant.partners[0]: "1/3", grant.partners[-1]: "2/3"}
        if len(grant.partners) > 1
        else None,
    )

    assert list(round_trip(lhp.read_grants, lhp.write_grants, [grant], file_format)) == [grant]
    assert list(round_trip(lhp.read_studies, lhp.write_studies, [study], file_format)) == [study]


FIELDS = (
    "reference",
    "submitted_on",
    "outcome",
    "funder",
    "scheme",
    "lead",
    "partners",
    "amount_requested",
    "resubmission_of",
)


@FORMATS
@pytest.mark.parametrize("as_text", [True, False])
def test_a_path_is_enough(tmp_path, file_format, as_text):
    suffix = {"csv": ".csv", "json": ".json", "excel": ".xlsx"}[file_format]
    path = tmp_path / f"grants{suffix}"
    grant = lhp.Grant(reference="G1", submitted_on="2023-05-01", outcome="pending")

    lhp.write_grants([grant], str(path) if as_text else path)

    assert lhp.read_grants(str(path) if as_text else path)[0] == grant


def test_no_cell_of_csv_or_excel_is_a_formula(tmp_path):
    texts = ["=1+1", "+1", "-1", "@a", "＝1"]
    records = [
        lhp.Grant(reference=text, submitted_on="2023-05-01", outcome="pending", partners=[text])
        for text in texts
    ]
    lhp.write_grants(records, tmp_path / "g.csv")
    lhp.write_grants(records, tmp_path / "g.xlsx")

    lines = (tmp_path / "g.csv").read_text("utf-8-sig").splitlines()
    cells = [cell for line in lines for cell in line.split(",")]
    assert not [cell for cell in cells if cell[:1] in "=+-@＝" and cell]
    sheet = openpyxl.load_workbook(tmp_path / "g.xlsx").active
    assert all(cell.data_type != "f" for row in sheet for cell in row)
    assert sheet["A2"].value == "'=1+1"


def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8(tmp_path):
    lhp.write_grants([], tmp_path / "g.csv")

    assert (tmp_path / "g.csv").read_bytes().startswith(b"\xef\xbb\xbfreference,")
    assert len(lhp.read_grants(tmp_path / "g.csv")) == 0


def test_excel_holds_dates_and_numbers_not_their_text(tmp_path):
    grant = lhp.Grant(
        reference="G1", submitted_on="2023-05-01", outcome="pending", amount_requested="1200.50"
    )
    lhp.write_grants([grant], tmp_path / "g.xlsx")

    row = next(openpyxl.load_workbook(tmp_path / "g.xlsx").active.iter_rows(min_row=2))
    assert row[1].is_date
    assert 1200.5 in [cell.value for cell in row]


@pytest.mark.parametrize("text", ["a\0b", "a\x07b", "\ud800", "\uffff"])
@pytest.mark.parametrize("name", ["g.csv", "g.xlsx"])
def test_what_no_file_holds_is_refused_and_nothing_written(tmp_path, text, name):
    grant = lhp.Grant(reference="G1", submitted_on="2023-05-01", outcome="pending", theme=text)

    with pytest.raises(lhp.InvalidInputError, match="has the character"):
        lhp.write_grants([grant], tmp_path / name)
    assert not (tmp_path / name).exists()


def test_json_holds_control_characters_but_no_half_of_a_pair(tmp_path):
    def grant(theme):
        return lhp.Grant(reference="G1", submitted_on="2023-05-01", outcome="pending", theme=theme)

    lhp.write_grants([grant("a\0b")], tmp_path / "g.json")
    assert lhp.read_grants(tmp_path / "g.json")[0].theme == "a\0b"
    with pytest.raises(lhp.InvalidInputError, match="in no text"):
        lhp.write_grants([grant("\ud800")], tmp_path / "g.json")


def test_a_text_longer_than_a_cell_is_refused(tmp_path):
    grant = lhp.Grant(
        reference="G1", submitted_on="2023-05-01", outcome="pending", theme="x" * 32_768
    )
    with pytest.raises(lhp.InvalidInputError, match="in excel a cell has at most 32,767"):
        lhp.write_grants([grant], tmp_path / "g.xlsx")
    lhp.write_grants([grant], tmp_path / "g.csv")


@given(grant=grants(), study=studies())
def test_what_could_not_be_read_back_is_not_written(grant, study):
    for write, record in ((lhp.write_grants, grant), (lhp.write_studies, study)):
        with pytest.raises(lhp.InvalidInputError, match="stands 2 times"):
            write([record, record], io.StringIO(), file_format="csv")


@pytest.mark.parametrize(
    ("records", "target", "options", "message"),
    [
        (5, "g.csv", {}, "grants must be a collection of records; got 5"),
        (["G1"], "g.csv", {}, r"grants\[0\] must be a Grant; got 'G1'"),
        ([], 5, {}, "target must be a path or an open file; got 5"),
        ([], "g.doc", {}, "say file_format='csv', 'json' or 'excel'"),
        ([], io.StringIO(), {}, "say file_format='csv', 'json' or 'excel'"),
        ([], io.StringIO(), {"file_format": "xls"}, "file_format must be one of 'csv'"),
        ([], io.StringIO(), {"file_format": "excel"}, "opened for bytes"),
    ],
)
def test_wrong_arguments_are_named(records, target, options, message):
    with pytest.raises(lhp.LhpMetricsError, match=message):
        lhp.write_grants(records, target, **options)


def test_a_record_called_total_is_not_written_since_nobody_could_read_it_back():
    study = lhp.Study(study_id="Total", registered_on="2024-01-01")

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.write_studies([study], io.BytesIO(), file_format="csv")

    assert str(caught.value) == "study_id 'Total' must be a study, not the total of the others"
