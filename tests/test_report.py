import datetime as dt

import attrs
import pytest
from matplotlib.figure import Figure

import lhp_metrics as lhp
from html_reading import Page
from lhp_metrics.charts import forest_plot
from setup_histories import one_site

SPARK = lhp.RegistrationTally.from_counts(
    {"RBS": 10, "REM": 107}, period=lhp.Period("2023-04-01", "2023-11-19")
)
JRO = lhp.RegistrationTally.from_counts(
    {"RBS": 26, "REM": 69}, period=lhp.Period("2023-11-20", "2024-03-31")
)


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
    assert [name for name, _ in html.tags if name in {"header", "nav", "main", "footer"}] == [
        "header",
        "nav",
        "main",
        "footer",
    ]


def test_contents_and_skip_link_lead_to_what_is_there():
    html = Page(page()[0])

    ids = [attrs["id"] for _, attrs in html.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for attrs in html.named("a")]
    assert links == ["#main", "#part-1", "#part-2"]
    assert {link[1:] for link in links} <= set(ids)
    assert [attrs["aria-labelledby"] for attrs in html.named("section")] == ["part-1", "part-2"]


def test_what_scrolls_is_reached_from_the_keyboard_and_has_a_name():
    html = Page(page()[0])

    scrolled = [attrs for attrs in html.named("div") if attrs.get("class") == "lhp-metrics"]
    assert [attrs["aria-label"] for attrs in scrolled] == [
        "Table: Change in registrations",
        "Table: Shares of studies registered by organisation",
    ]
    assert {attrs["tabindex"] for attrs in [*scrolled, *html.named("figure")]} == {"0"}


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
    page = lhp.report("Title", {"Counts": [JRO]})

    table = JRO.to_table().to_html()
    assert table[table.index("<table") :] in page


def test_the_style_of_tables_stands_once_and_in_the_head():
    page = lhp.report("Title", {"Counts": [JRO, SPARK]})

    assert page.count(".lhp-metrics caption") == 1
    assert page.rindex("<style>") < page.index("</head>")


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
    assert svg["aria-label"].startswith("Forest plot: Rate ratio, with intervals")


def test_headings_are_escaped():
    heading = "<b>Trusts</b> & universities"

    html = Page(lhp.report(heading, {heading: ["Three of them."]}))

    assert not html.named("b")
    # Title, heading of the page, heading of the section.
    assert html.texts.count(heading) == 3


GRANTS = lhp.GrantTally.from_counts(
    {
        "NIHR": lhp.OutcomeCounts(successful=12, unsuccessful=20, pending=5),
        "MRC": lhp.OutcomeCounts(successful=1, unsuccessful=6),
    },
    by="funder",
)


HEADINGS = ("Registrations", "Who brought the change", "Shares", "Grant applications")


def headings(html, among=HEADINGS):
    texts = Page(html).texts
    return [heading for heading in among if heading in texts]


def test_tallies_alone_make_the_whole_page():
    html = lhp.report("Year", registrations=(SPARK, JRO), labels=("SPARK", "JRO"), grants=GRANTS)

    page = Page(html)
    assert headings(html) == [
        "Registrations",
        "Who brought the change",
        "Shares",
        "Grant applications",
    ]
    assert len(page.named("table")) == 3
    assert len(page.named("svg")) == 4
    change = lhp.registration_change(SPARK, JRO)
    sentences = "".join(page.texts)
    # By hand: 10 + 107 and 26 + 69; 233 and 133 days; 13 of 39 decided, 5 pending of 44.
    assert "117 registrations in 233 days (SPARK), then 95 registrations in 133 days" in sentences
    assert f"a rate ratio of {change.total.rate_ratio}." in sentences
    assert "39 applications decided, 5 pending. 13 of the decided succeeded" in sentences
    assert "between 29.5% and 40.9%." in sentences


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"registrations": JRO}, ["Registrations", "Shares"]),
        ({"registrations": [JRO]}, ["Registrations", "Shares"]),
        ({"grants": GRANTS}, ["Grant applications"]),
        ({"grants": lhp.OutcomeCounts(decided=66, pending=57)}, ["Grant applications"]),
        (
            {"registrations": lhp.RegistrationTally.from_counts({"A": 0, "B": 0})},
            ["Registrations", "Shares"],
        ),
    ],
)
def test_what_is_not_given_has_no_section(given, expected):
    html = lhp.report("Year", charts=False, **given)

    assert headings(html) == expected
    assert "<svg" not in html
    assert "nan" not in html.lower().replace("pennant", "")


def test_a_split_that_is_not_published_is_said():
    html = lhp.report("Year", grants=lhp.OutcomeCounts(decided=66, pending=57))

    assert "How many of the decided succeeded is not known" in html


def test_own_sections_stand_first_and_keep_their_headings():
    html = lhp.report("Year", {"In brief": ["Good."]}, grants=GRANTS, charts=False)

    assert html.index("<p>Good.</p>") < html.index(">Grant applications</h2>")
    with pytest.raises(lhp.InvalidInputError, match="two sections have the heading 'Shares'"):
        lhp.report("Year", {"Shares": ["Mine."]}, registrations=JRO, charts=False)


def test_charts_of_a_report_are_no_figures_of_pyplots():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    lhp.report("Year", registrations=(SPARK, JRO), grants=GRANTS)

    assert plt.get_fignums() == before


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({}, lhp.InvalidInputError, "there is nothing to report"),
        ({"grants": JRO}, lhp.InvalidTypeError, "grants must be a GrantTally or OutcomeCounts"),
        ({"registrations": GRANTS}, lhp.InvalidTypeError, "registrations must be a Registration"),
        (
            {"registrations": (SPARK, JRO, JRO)},
            lhp.InvalidTypeError,
            "registrations must be a RegistrationTally or two; got tuple",
        ),
        (
            {"setup": JRO},
            lhp.InvalidTypeError,
            "setup must be a SetupTally or two; got Registration",
        ),
        ({"setup": "clock"}, lhp.InvalidTypeError, "setup must be a SetupTally or two; got str"),
        ({"registrations": "RBS"}, lhp.InvalidTypeError, "RegistrationTally or two; got str"),
        ({"registrations": (JRO, SPARK)}, lhp.InvalidInputError, "is later than after"),
        (
            {"registrations": JRO, "labels": "JRO"},
            lhp.InvalidInputError,
            "labels must be two, for before and after; got 'JRO'",
        ),
    ],
)
def test_what_cannot_be_reported_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        lhp.report("Year", **given)


def clocks(*waits, year=2024):
    """Approved 100 days before the end of a financial year; open after so many days, or not."""
    approved = dt.date(year, 12, 21)
    studies = [one_site(number, "REM", approved, wait) for number, wait in enumerate(waits)]
    return lhp.tally_setup(
        studies,
        clock="hra-approval-to-open",
        as_of=approved + dt.timedelta(days=100),
        period=lhp.Period(dt.date(year, 4, 1), dt.date(year + 1, 3, 31)),
    )


SETUP_HEADINGS = ("Change in set-up times", "Set-up times", "Within target")


def test_clocks_of_one_period_have_times_a_curve_and_the_target():
    html = lhp.report("Set-up", setup=clocks(30, 55, 80, None))

    page = Page(html)
    assert headings(html, SETUP_HEADINGS) == ["Set-up times", "Within target"]
    assert len(page.named("table")) == 2
    (svg,) = page.named("svg")
    assert svg["aria-label"].startswith("Survival curves, hra_approval_on to opened_on")
    sentences = "".join(page.texts)
    assert "Of 4 studies, 3 had opened by 31 Mar 2025 and 1 had not." in sentences
    assert "Of 4 studies whose 60 days could have run out by 31 Mar 2025, 2 had opened" in sentences


def test_clocks_of_two_periods_are_compared():
    html = lhp.report(
        "Set-up",
        setup=(clocks(60, 80, None, year=2023), clocks(30, 55, 80)),
        labels=("2023-24", "2024-25"),
    )

    page = Page(html)
    assert headings(html, SETUP_HEADINGS) == list(SETUP_HEADINGS)
    assert len(page.named("table")) == 3
    assert "Before is 2023-24, after is 2024-25." in page.texts
    assert any(text.startswith("Before, half of 3 studies had opened by") for text in page.texts)


@pytest.mark.parametrize("tally", [clocks(), clocks(None, None)])
def test_clocks_that_never_ran_or_ended_make_a_page_too(tally):
    page = Page(lhp.report("Set-up", setup=tally))

    assert len(page.named("svg")) == (tally.total.started > 0)
    assert not any(word in "".join(page.texts).split() for word in ("nan", "inf"))


def test_a_clock_without_a_target_has_no_share_within_it():
    tally = clocks(30)
    tally = attrs.evolve(tally, clock=attrs.evolve(tally.clock, target_days=None))

    assert headings(lhp.report("Set-up", setup=tally, charts=False), SETUP_HEADINGS) == [
        "Set-up times"
    ]


def test_names_from_the_data_cannot_break_out_of_the_page():
    name = '</svg></table><script>alert("x")</script>'
    tally = lhp.RegistrationTally.from_counts({name: 5, "B": 9}, period=JRO.period)

    html = Page(lhp.report(name, registrations=tally, grants=None))

    assert not html.named("script")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"A": 0, "B": 0}, {"A": 3, "B": 4}),
        ({"A": 3, "B": 4}, {"A": 0, "B": 0}),
        ({"A": 0}, {"A": 0}),
        ({"A": 3, "B": 2}, {"A": 3, "C": 2}),
    ],
)
def test_nothing_in_one_period_and_other_partners_make_a_page_too(before, after):
    one = lhp.RegistrationTally.from_counts(before, period=lhp.Period.month("2024-01"))
    two = lhp.RegistrationTally.from_counts(after, period=lhp.Period.month("2024-02"))

    page = Page(lhp.report("Months", registrations=(one, two)))

    assert len(page.named("svg")) == 3


def test_shared_studies_have_no_waterfall():
    one, two = (
        lhp.RegistrationTally.from_counts(
            {"A": 6, "B": 7}, attribution="whole", total=10, period=lhp.Period.month(month)
        )
        for month in ("2024-01", "2024-02")
    )

    assert headings(lhp.report("Months", registrations=(one, two))) == ["Registrations", "Shares"]


def test_of_very_many_groups_there_is_a_table_and_no_chart():
    many = {f"Body {place}": 3 for place in range(499)}
    one, two = (
        lhp.RegistrationTally.from_counts(many, period=lhp.Period.month(month))
        for month in ("2024-01", "2024-02")
    )

    html = lhp.report("Months", registrations=(one, two))

    assert "<svg" not in html
    assert html.count("There is no chart: 499 groups are more than one can show.") == 3


def test_registrations_of_no_group_have_no_shares_and_no_finding():
    none = lhp.RegistrationTally.from_counts({}, period=lhp.Period("2023-11-20", "2024-03-31"))

    html = Page(lhp.report("Year", registrations=none))

    assert "0 registrations in 133 days in total." in html.texts
    assert "Shares" not in html.texts


def test_of_nothing_registered_no_group_has_the_largest_share():
    html = Page(lhp.report("Year", registrations=lhp.RegistrationTally.from_counts({"A": 0})))

    assert "Nothing was registered, so there are no shares." in html.texts


def test_a_rate_of_which_nothing_is_pending_has_no_bounds():
    counts = lhp.OutcomeCounts(successful=13, unsuccessful=26)

    sentences = "".join(Page(lhp.report("Year", grants=counts)).texts)

    assert "39 applications decided, 0 pending. 13 of the decided succeeded, a succes" in sentences
    assert "Once nothing is pending" not in sentences


def test_applications_of_which_none_is_decided_have_no_rate():
    counts = lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=1_234)

    html = Page(lhp.report("Year", grants=counts))

    assert "0 applications decided, 1,234 pending: there is no success rate yet." in html.texts
