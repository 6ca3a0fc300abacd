from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure

import lhp_metrics as lhp
from lhp_metrics.charts import forest_plot

SPARK = lhp.RegistrationTally.from_counts(
    {"RBS": 10, "REM": 107}, period=lhp.Period("2023-04-01", "2023-11-19")
)
JRO = lhp.RegistrationTally.from_counts(
    {"RBS": 26, "REM": 69}, period=lhp.Period("2023-11-20", "2024-03-31")
)


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def page():
    change = lhp.registration_change(SPARK, JRO)
    ax = forest_plot(change, ax=Figure(layout="constrained").subplots())
    sections = {
        "Registrations": ["Two <trusts> & more.", change, ax],
        "Shares": [lhp.partner_shares(JRO)],
    }
    return lhp.report("Figures & facts", sections), change


def test_the_page_has_language_title_headings_and_main():
    html = Page(page()[0])

    assert html.named("html") == [{"lang": "en-GB"}]
    assert len(html.named("main")) == len(html.named("h1")) == 1
    assert len(html.named("h2")) == len(html.named("section")) == 2
    assert html.texts.count("Figures & facts") == 2


def test_the_page_needs_nothing_from_outside():
    html = Page(page()[0])

    assert not html.named("script")
    assert not html.named("link")
    assert not html.named("img")
    sources = [
        attrs.get(name, "") for _, attrs in html.tags for name in ("src", "href", "xlink:href")
    ]
    assert all(source.startswith("#") for source in sources if source)


def test_the_pages_figures_are_the_tables():
    text, change = page()
    read = "".join(Page(text).texts)

    for row in [*change, change.total]:
        assert str(row.rate_ratio) in read
    assert change.provenance.footnote() in read


def test_a_tally_stands_as_its_table():
    assert JRO.to_table().to_html() in lhp.report("Title", {"Counts": [JRO]})


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("A sentence.", "section 'Counts' must be a list, even of one thing; got str"),
        (JRO.to_table(), "section 'Counts' must be a list, even of one thing; got Table"),
        ([None], "section 'Counts' may hold text, tables, tallies and charts; got NoneType"),
        ([[JRO]], "section 'Counts' may hold text, tables, tallies and charts; got list"),
    ],
)
def test_anything_else_is_refused_with_its_section(section, message):
    with pytest.raises(lhp.InvalidTypeError) as caught:
        lhp.report("Title", {"Counts": section})

    assert str(caught.value) == message


def test_sections_have_headings():
    with pytest.raises(lhp.InvalidTypeError, match="sections must be a Mapping; got list"):
        lhp.report("Title", ["A sentence."])


def test_sentences_are_escaped_and_charts_have_alternative_text():
    text, _ = page()
    html = Page(text)

    assert "Two <trusts> & more." in html.texts
    (svg,) = html.named("svg")
    assert svg["role"] == "img"
    assert svg["aria-label"].startswith("Forest plot of rate ratios")


def test_headings_are_escaped():
    heading = "<b>Trusts</b> & universities"

    html = Page(lhp.report(heading, {heading: ["Three of them."]}))

    assert not html.named("b")
    assert html.texts.count(heading) == 3  # title, heading of the page, heading of the section
