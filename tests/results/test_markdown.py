import re
from html.parser import HTMLParser

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import lhp_metrics as lhp
from every_result import every_table

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class Cells(HTMLParser):
    """Tags and the texts of the cells of rendered Markdown."""

    def __init__(self, markdown):
        super().__init__()
        self.tags, self.cells, self.paragraphs, self._open = [], [], [], None
        self.feed(READER.render(markdown))

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        self.tags.append(tag)
        if tag in ("th", "td", "p"):
            self._open = []

    def handle_data(self, data):
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self.cells.append("".join(self._open))
            self._open = None
        elif tag == "p":
            self.paragraphs.append("".join(self._open or []))
            self._open = None


def shares(names, note="A note."):
    # Tallies refuse names that differ in capitals alone; a table prints whatever it is given.
    table = lhp.partner_shares(lhp.RegistrationTally.from_counts({"first": 69, "second": 34}))
    provenance = attrs.evolve(table.provenance, notes=(note,))
    return attrs.evolve(table, names=tuple(names), provenance=provenance, title=names[0])


def test_a_table_is_readable_as_it_stands():
    table = lhp.partner_shares(lhp.RegistrationTally.from_counts({"REM": 69, "REN": 34}))
    first, second = table

    assert table.to_markdown().splitlines()[:6] == [
        "**Shares of studies registered by organisation**",
        "",
        "| Organisation | Count | Share | Percent |",
        "|:---|---:|---:|---:|",
        f"| REM | 69 | {first.share} | 67.0 |",
        f"| REN | 34 | {second.share} | 33.0 |",
    ]
    assert "| **Total** | **103** |" in table.to_markdown()
    assert table.to_markdown().endswith(f"{table.provenance.footnote()}\n")


@pytest.mark.parametrize("name", every_table())
def test_rendered_it_has_all_cells_of_every_table(name):
    table = every_table()[name]
    from lhp_metrics.results.display import text_cells, text_headings

    rows = [text_cells(table, row, index) for index, row in enumerate(table)]
    if table.has_total:
        rows.append(text_cells(table, table.total, len(table)))
    expected = [cell for row in (text_headings(table), *rows) for cell in row]

    assert Cells(table.to_markdown()).cells == expected


TEXT = st.text(
    st.sampled_from("ab1 _*`[](){}<>&|\\~$#+-=.!:/@\"'\n\r\twW") | st.characters(codec="utf-8"),
    max_size=16,
)


@given(st.lists(TEXT, min_size=2, max_size=2, unique=True), TEXT)
@example(["a | b", "<script>alert(1)</script>"], "<b>x</b>")
@example(["[a](http://x)", "![a](b)"], "# Heading")
@example(["www.example.org", "http://example.org"], "- item")
@example(["me@example.org", "a\\|b"], "1. item")
@example(["a_b_c", "_x_ *y* **z**"], "+ item")
@example(["`a`", "~~b~~"], "===")
@example(["a\nb", "\\"], "> quoted")
@example(["&lt;b&gt;", "$x$"], "1) item")
def test_no_text_becomes_markup_and_every_text_is_printed_as_it_is(names, note):
    rendered = Cells(shares(names, note).to_markdown())

    allowed = {"p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert set(rendered.tags) <= allowed
    assert rendered.cells[4::4][:2] == [shown(name) for name in names]
    assert shown(note) in shown(rendered.paragraphs[-1])


@given(TEXT)
@example("see http://example.org and www.example.org or me@example.org")
def test_no_bare_address_is_left_to_become_a_link(text):
    # GitHub's dialect makes links of these three (its specification, section 6.9).
    line = next(line for line in shares([text, "b"]).to_markdown().splitlines() if line)

    assert not re.search(r"(?<!\\)://", line)
    assert not re.search(r"(?i)\bwww\.", line)
    assert not re.search(r"\w@\w", line.replace("\\@", ""))


def shown(text):
    """Return text as one line, as a cell prints it."""
    # What the reader replaces, and what it takes for no text at all.
    return " ".join(text.replace("\x00", "\N{REPLACEMENT CHARACTER}").split())


def test_headings_of_ones_own_are_escaped_too():
    table = every_table()["partner_shares"].rename({"share": "<b>|[x](y)"})

    assert not re.search(r"(?<!\\)<b>", table.to_markdown())
    assert Cells(table.to_markdown()).cells[2] == "<b>|[x](y)"
