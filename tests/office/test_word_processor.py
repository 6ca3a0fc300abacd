"""What a word processor makes of a table; needs LibreOffice, and so is run by itself."""

import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

import lhp_metrics as lhp
from every_result import every_table
from lhp_metrics.results.display import text_cells, text_headings

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """Every table as a Word document, by name."""
    folder = tmp_path_factory.mktemp("office")
    tables = {**every_table(), "evil": evil()}
    for name, table in tables.items():
        (folder / f"{name}.html").write_text(table.to_html(document=True), "utf-8")
    subprocess.run(  # noqa: S603
        [  # noqa: S607
            "soffice",
            "--headless",
            f"-env:UserInstallation=file://{folder}/profile",
            "--infilter=HTML (StarWriter)",
            "--convert-to",
            "docx:Office Open XML Text",
            "--outdir",
            str(folder),
            *(str(folder / f"{name}.html") for name in tables),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return {name: body_of(folder / f"{name}.docx") for name in tables}


def evil():
    names = ("<script>alert(1)</script>", "A & B \N{EN DASH} “C”")
    tally = lhp.RegistrationTally.from_counts(dict(zip(names, (69, 34), strict=True)))
    return lhp.partner_shares(tally)


def body_of(path: Path):
    with zipfile.ZipFile(path) as parts:
        return ElementTree.fromstring(parts.read("word/document.xml"))  # noqa: S314


def text_of(element):
    return "".join(part.text or "" for part in element.iter(f"{WORD}t"))


@pytest.mark.parametrize("name", [*every_table(), "evil"])
def test_a_table_arrives_as_one_table_with_every_cell(documents, name):
    table = evil() if name == "evil" else every_table()[name]
    tables = list(documents[name].iter(f"{WORD}tbl"))
    cells = [
        [text_of(cell).strip() for cell in row.iter(f"{WORD}tc")]
        for row in tables[0].iter(f"{WORD}tr")
    ]
    expected = [text_headings(table)]
    expected += [text_cells(table, row, index) for index, row in enumerate(table)]
    if table.has_total:
        expected.append(text_cells(table, table.total, len(table)))

    assert len(tables) == 1
    assert cells == expected


@pytest.mark.parametrize("name", ["partner_shares", "registration_change", "evil"])
def test_title_and_footnote_arrive_beside_it(documents, name):
    table = evil() if name == "evil" else every_table()[name]
    text = "\n".join(text_of(paragraph) for paragraph in documents[name].iter(f"{WORD}p"))

    assert table.title in text
    assert table.provenance.footnote() in text


def test_headings_repeat_on_every_page_and_figures_stand_right(documents):
    rows = list(documents["partner_shares"].iter(f"{WORD}tr"))
    aligned = [
        [cell.find(f".//{WORD}jc").get(f"{WORD}val") for cell in row.iter(f"{WORD}tc")]
        for row in rows
    ]

    assert rows[0].find(f".//{WORD}tblHeader") is not None
    assert all(row[0] in ("left", "start") for row in aligned)
    assert all(side in ("right", "end") for row in aligned for side in row[1:])
