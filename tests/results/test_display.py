import attrs
import numpy as np
import pytest
from hypothesis import example, given

import lhp_metrics as lhp
from html_reading import Page
from lhp_metrics.results import column
from strategies import two_names


@attrs.frozen(kw_only=True)
class Cell(lhp.Row):
    count: int = column("Number of studies")
    share: float = column("Share", spec=".1%")
    hidden: int = column("")


def table(names=("Alder Hey", "Walton"), **changes):
    size = len(names) + 1
    parts = {
        "row_type": Cell,
        "title": "Studies",
        "by": ("organisation",),
        "keys": tuple(f"K{i}" for i in range(len(names))),
        "names": tuple(names),
        "columns": {
            "count": np.arange(size) * 1000,
            "share": np.linspace(0, 1, size),
            "hidden": np.full(size, 77777),
        },
        "provenance": lhp.Provenance(definition="cells/1", library_version="1.0"),
    }
    return lhp.Table(**parts | changes)


def test_text_is_aligned_with_heading_total_and_footnote():
    assert str(table()).splitlines() == [
        "Studies",
        "",
        "               Number of",
        "Organisation     studies   Share",
        "--------------------------------",
        "Alder Hey              0    0.0%",
        "Walton             1,000   50.0%",
        "--------------------------------",
        "Total              2,000  100.0%",
        "",
        "cells/1, lhp-metrics 1.0.",
    ]


def test_a_column_without_title_is_not_printed():
    assert "77777" not in str(table()).replace(",", "")
    assert "77777" not in table().to_html().replace(",", "")


def test_a_long_table_is_cut_in_the_middle_and_says_so():
    text = str(table(names=[f"row {i}" for i in range(250)]))

    assert "… 150 more rows …" in text
    assert "row 49 " in text
    assert "row 50 " not in text
    assert "row 199 " not in text
    assert "row 200 " in text


def test_html_has_caption_scopes_and_footnote():
    html = Page(table().to_html())

    assert [a["scope"] for tag, a in html.tags if tag == "th"] == ["col"] * 3 + ["row"] * 3
    assert [tag for tag, _ in html.tags].count("caption") == 1
    assert "cells/1, lhp-metrics 1.0." in html.texts
    assert table()._repr_html_() == table().to_html()


def test_every_text_from_the_data_is_escaped():
    evil = "<script>alert('x')</script>"
    made = table(
        names=(evil, "b"),
        title=evil,
        provenance=lhp.Provenance(definition="c/1", notes=(evil,)),
        by=(evil,),
    )

    html = Page(made.to_html())

    assert not [tag for tag, _ in html.tags if tag == "script"]
    assert html.texts.count(evil) == 3  # caption, heading and row; the footnote has it within


@given(two_names(12))
@example(["<img src=x onerror=alert(1)>", "&lt;b&gt;"])
@example(['"><svg/onload=alert(1)>', "' onmouseover='x"])
def test_no_name_becomes_markup_and_every_name_is_shown(names):
    made = table(names)
    harmless = {"div", "style", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
    harmless |= {"p", "small", "span", "html", "head", "meta", "title", "body"}

    for html in (made.to_html(), made.to_html(document=True), made[made.keys[0]]._repr_html_()):
        parsed = Page(html)
        assert {tag for tag, _ in parsed.tags} <= harmless
        assert not any(name.startswith("on") for _, attrs in parsed.tags for name in attrs)
        assert names[0] in "".join(parsed.texts).replace("\r\n", "\n") or "\r" in names[0]


def test_a_single_result_shows_its_sentence_and_footnote_in_a_notebook():
    row = lhp.success_rate(lhp.OutcomeCounts(successful=15, unsuccessful=51))

    shown = Page(row._repr_html_())

    assert shown.texts == [row.describe(), row.provenance.footnote()]


@attrs.frozen(kw_only=True)
class Remark(lhp.Row):
    text: str = column("Remark")


@pytest.mark.parametrize("text", ["A & <b>B</b>", "<b>A</b> (B)", "A (<b>B</b> & C)"])
def test_text_in_cells_is_escaped_before_and_inside_its_brackets(text):
    remarks = table(row_type=Remark, columns={"text": np.array([text, "", ""], dtype=object)})

    html = Page(remarks.to_html())

    assert not [tag for tag, _ in html.tags if tag == "b"]
    assert text in "".join(html.texts)


def test_a_table_without_total_prints_none():
    cut = table().without_total("One is true.")

    assert "Total" not in str(cut)
    assert "<tfoot>" not in cut.to_html()


def test_an_interval_is_not_broken_across_lines():
    rates = lhp.success_rates(
        lhp.GrantTally.from_counts({"A": lhp.OutcomeCounts(successful=1, unsuccessful=1)})
    )

    assert "50.0% <span>(9.5% to 90.5%)</span>" in rates.to_html()


def test_words_stand_left_and_figures_right():
    html = Page(lhp.registration_change(*annual_report()).to_html())

    classes = [attrs.get("class") for tag, attrs in html.tags if tag in ("th", "td")]
    assert classes.count("text") == 1 + 6 + 1  # the note's heading, six partners, the total


def annual_report():
    report = lhp.annual_report_2023_24()
    return report.spark, report.jro


def test_colours_are_left_to_the_page_so_that_it_may_be_dark():
    from lhp_metrics.results.display import STYLE

    assert "tabular-nums" in STYLE
    assert not [word for word in ("#", "rgb", "background", "color:") if word in STYLE]


def test_a_document_stands_alone_and_has_every_row():
    made = table(names=[f"row {i}" for i in range(250)])
    page = made.to_html(document=True)

    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">')
    assert page.count("<tr>") == 1 + 250 + 1
    assert "rows in the middle are not shown" in made.to_html()
    assert "rows in the middle are not shown" not in page
    tags = [tag for tag, _ in Page(page).tags]
    assert [tags.count(tag) for tag in ("html", "head", "body", "title", "table")] == [1] * 5


def test_differences_say_once_what_they_are_in():
    change = lhp.share_change(*annual_report())

    assert str(change).count("percentage points") + str(change).count("percentage") >= 1
    assert "+20.1 (+12.5 to +29.7)" in str(change)
    assert "percentage points (" not in str(change)
    assert "Difference, percentage points" in change.to_html()
