import csv
import io
import math
import zipfile

import openpyxl
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings

import lhp_metrics as lhp
from every_result import every_table
from lhp_metrics.results import spreadsheets
from lhp_metrics.results.frames import flat_columns
from strategies import two_names

# OWASP, "CSV Injection": what a spreadsheet takes for a formula's beginning.
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
EVIL = [f"{mark}cmd|' /C calc'!A0" for mark in BEGINNINGS] + [
    '=HYPERLINK("http://x","y")',
    '",=1+1',
]


def shares(names=("LUHFT", "Clatterbridge")):
    tally = lhp.RegistrationTally.from_counts(dict(zip(names, (69, 34), strict=True)))
    return lhp.partner_shares(tally)


def sheet_of(table, folder):
    path = folder / "table.xlsx"
    table.to_excel(path)
    return openpyxl.load_workbook(path).active


def rows_of(text):
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", every_table())
def test_csv_has_the_columns_and_values_of_the_frame(name):
    table = every_table()[name]
    head, *rows = rows_of(table.to_csv())

    assert head == [column.name for column in flat_columns(table)]
    for place, column in enumerate(flat_columns(table)):
        for row, value in zip(rows, column.listed(), strict=True):
            if value is None or value != value:
                assert row[place] == ""
            elif column.kind in ("whole", "number"):
                assert float(row[place]) == value
            else:
                assert row[place].lstrip("'") == str(value)


def test_a_csv_file_is_read_by_excel_pandas_and_polars(tmp_path):
    path = tmp_path / "shares.csv"
    table = shares(("Liverpool Women’s", "LHCH – heart"))

    assert table.to_csv(path) is None

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # else Excel takes it for Windows-1252
    assert b"\r\r" not in path.read_bytes()
    for frame in (pd.read_csv(path), pl.read_csv(path).to_pandas()):
        assert list(frame["organisation"]) == ["Liverpool Women’s", "LHCH – heart"]
        assert list(frame["share"]) == [row.share.value for row in table]


@given(two_names(9))
@example(["=1+1", "@SUM(A1)"])
@example(["－1", "\t=1"])
@example(['",=1+1', "\n=1"])
def test_no_cell_of_a_csv_file_begins_like_a_formula(names):
    head, *rows = rows_of(shares(names).to_csv())

    for row in (head, *rows):
        assert len(row) == len(head)
        for name in row[:2]:
            assert not name.startswith(BEGINNINGS)
    assert [row[0] for row in rows] == [
        f"'{name}" if name.startswith(BEGINNINGS) else name for name in names
    ]


def test_negative_figures_stay_figures():
    text = every_table()["registration_change"].pick("count_change").to_csv()

    assert rows_of(text)[3] == ["RBQ", "LHCH", "-3"]


@pytest.mark.parametrize("path", [3, b"x.csv", ["x"]])
def test_a_path_is_text_or_a_path(path):
    with pytest.raises(lhp.InvalidTypeError, match="path must be text or a Path"):
        shares().to_csv(path)
    with pytest.raises(lhp.InvalidTypeError, match="path must be text or a Path"):
        shares().to_excel(path)


def test_a_workbook_has_title_headings_numbers_total_and_footnote(tmp_path):
    sheet = sheet_of(shares(), tmp_path)
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert lines[0][0] == "Shares of studies registered by organisation"
    assert lines[2] == [
        "Organisation",
        "Count",
        "Share",
        "Share: 95% interval from",
        "Share: 95% interval to",
        "Percent",
    ]
    assert lines[3][:2] == ["LUHFT", 69]
    assert lines[3][2:5] == pytest.approx(list(shares()["LUHFT"].share), rel=1e-14)
    assert lines[5][:2] == ["Total", 103]
    assert lines[7][0] == shares().provenance.footnote()
    assert sheet.freeze_panes == "B4"
    assert [sheet.cell(4, place).number_format for place in range(2, 7)] == [
        "#,##0",
        "0.0%",
        "0.0%",
        "0.0%",
        "0.0",
    ]
    assert sheet.cell(6, 2).font.bold
    assert all(dimension.width >= 8 for dimension in sheet.column_dimensions.values())


@pytest.mark.parametrize("name", every_table())
def test_every_number_of_a_workbook_is_a_number_and_what_is_none_is_as_printed(name, tmp_path):
    table = every_table()[name]
    if not len(table):
        return
    sheet = sheet_of(table, tmp_path)
    head = [cell.value for cell in sheet[3]]

    for row, line in zip(table, sheet.iter_rows(min_row=4), strict=False):
        assert line[0].value == row.name
        shown = dict(zip(head, [cell.value for cell in line], strict=True))
        if "Rate ratio" in shown and row.rate_ratio is not None:
            assert shown["Rate ratio"] == pytest.approx(row.rate_ratio.value, rel=1e-14)
        if "Difference, percentage points" in shown:
            assert shown["Difference, percentage points"] == pytest.approx(
                100 * row.difference.value, rel=1e-14
            )
        if "Lowest with pending" in shown and math.isfinite(row.lowest_difference):
            assert shown["Lowest with pending"] == pytest.approx(100 * row.lowest_difference)
            cell = line[head.index("Lowest with pending")]
            assert cell.number_format == "+0.0;-0.0;0.0"
    words = {cell.value for line in sheet.iter_rows(min_row=4) for cell in line[1:]} - {None}
    assert all(word == word for word in words)


def test_hidden_cells_and_undefined_ones_are_printed_as_such(tmp_path):
    hidden = sheet_of(every_table()["registration_change_suppressed"], tmp_path)
    undefined = sheet_of(every_table()["success_rates_split_hidden"], tmp_path)

    assert [cell.value for cell in hidden[5]][:5] == ["Clatterbridge", "*", "*", "*", "*"]
    assert "–" in [cell.value for cell in undefined[4]]


def test_an_infinite_ratio_has_a_sign_of_its_own(tmp_path):
    before, after = (
        lhp.RegistrationTally.from_counts({"A": n, "B": 5}, period=lhp.Period.month(month))
        for n, month in ((0, "2023-01"), (4, "2023-02"))
    )
    table = lhp.registration_change(before, after).pick("rate_ratio")

    assert sheet_of(table, tmp_path).cell(4, 2).value == "∞"


@settings(max_examples=40)
@given(names=two_names(9))
@example(names=["=1+1", "@SUM(A1)"])
@example(names=["\x00\x1b=1", "\ud800"])
def test_no_text_in_a_workbook_becomes_a_formula(names, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evil")
    sheet = sheet_of(shares(names), folder)

    for line in sheet.iter_rows():
        assert all(cell.data_type != "f" for cell in line)
    with zipfile.ZipFile(folder / "table.xlsx") as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("name", EVIL)
def test_what_looks_like_a_formula_is_kept_as_text(name, tmp_path):
    sheet = sheet_of(shares((name, "B")), tmp_path)

    assert sheet.cell(4, 1).data_type == "s"
    assert sheet.cell(4, 1).value.split() == name.split()
    assert sheet.cell(4, 1).quotePrefix == name.startswith(BEGINNINGS)


@pytest.mark.parametrize("title", ["[a]:b*c?/d\\e", "'x'", "", "A" * 60, "=1+1"])
def test_any_title_makes_a_sheet(title, tmp_path):
    import attrs

    sheet = sheet_of(attrs.evolve(shares(), title=title), tmp_path)

    assert 1 <= len(sheet.title) <= 31
    assert (sheet.cell(1, 1).value or "") == title


def test_more_rows_than_excel_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 1)
    target = tmp_path / "long.xlsx"

    with pytest.raises(lhp.InvalidInputError, match="Excel holds 1 rows, and the table has 2: use"):
        lhp.RegistrationTally.from_counts({"A": 1, "B": 1}).to_table().to_excel(target)
    assert not target.exists()
