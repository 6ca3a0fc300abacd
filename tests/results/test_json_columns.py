"""Documents with one fault: refused, or read as a table of which everything can be made."""

import json
import random
import re
from contextlib import suppress

import pytest
from jsonschema import Draft202012Validator

import lhp_metrics as lhp
from every_result import every_row, every_table, strictly

TABLE = Draft202012Validator(lhp.result_schema("table"))
ROW = Draft202012Validator(lhp.result_schema("row"))

ODD = (
    *(None, True, False, 0, 1, 2, -1, 7, 1.5, -0.5, 95, 10**30, -(10**30), 1e300),
    *("", " ", "_", "NaN", "Infinity", "-Infinity", "1/3", "-1/3", "1/0", "12.50", "-2", "1E+999"),
    *(
        "Total",
        "REM",
        "p",
        "pence",
        "d",
        ".2",
        "number",
        "exact",
        "integer",
        "gained",
        "2023-02-30",
    ),
    *("\ud800", "a\udfffb", [], [0], ["REM"], ["REM", "x"], {}, {"a": 1}),
    {"start": "2023-04-01", "end": "2023-04-30"},
    {"value": 0.5, "low": 0.6, "high": 0.4},
    {"value": "NaN", "low": "NaN", "high": "NaN"},
)
DOCUMENTS = 200
ALL_MADE = ("describe", "to_csv", "to_dicts", "to_html", "to_markdown", "to_json", "__str__")


def places(value, here=()):
    """Yield the way to every value inside."""
    if isinstance(value, dict | list):
        items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        for step, part in items:
            yield (*here, step)
            yield from places(part, (*here, step))


def spoilt(document, chance):
    """Change, add or take away one thing."""
    *way, last = chance.choice(list(places(document)))
    inner = document
    for step in way:
        inner = inner[step]
    match chance.randrange(5):
        case 0:
            del inner[last]
        case 1 if isinstance(inner, dict):
            inner[chance.choice(["colour", *map(str, inner)])] = inner[last]
        case 1:
            inner.append(inner[last])
        case _:
            inner[last] = chance.choice(ODD)
    return document


def use(table):
    """Make of a table everything that is made of tables."""
    for method in ALL_MADE:
        tried(getattr(table, method))
    tried(table.to_frame, "polars")
    tried(table.sort, "name")
    for name in table.columns:
        tried(table.sort, name)
    str(table.pick(*table.columns))
    for row in [*table, *([table.total] if table.has_total else [])]:
        use_row(row)


def use_row(row):
    for method in ("describe", "to_dict", "to_json", "_repr_html_", "__str__"):
        tried(getattr(row, method))


def tried(method, *arguments):
    with suppress(lhp.LhpMetricsError):
        method(*arguments)


def made(kind, results, seed):
    """Yield what is read of documents with one fault, and the document."""
    chance = random.Random(seed)  # noqa: S311
    texts = {name: result.to_json() for name, result in sorted(results.items())}
    for name in chance.choices(list(texts), k=DOCUMENTS):
        document = spoilt(json.loads(texts[name]), chance)
        try:
            yield kind.from_json(json.dumps(document)), document
        except lhp.LhpMetricsError:
            continue


def test_a_spoilt_table_is_refused_or_fits_the_schema_and_can_be_used():
    for table, document in made(lhp.Table, every_table(), seed=1):
        TABLE.validate(document)
        use(table)
        assert lhp.Table.from_json(table.to_json()) == table


def test_a_spoilt_row_is_refused_or_fits_the_schema_and_can_be_used():
    for row, document in made(lhp.Row, every_row(), seed=1):
        ROW.validate(document)
        use_row(row)
        assert lhp.Row.from_json(row.to_json()) == row


def shares():
    return lhp.partner_shares(lhp.RegistrationTally.from_counts({"REM": 2, "REN": 1}))


def hidden_shares():
    counts = {"REM": 2, "REN": 1, "REP": 9, "RBS": 9}
    tally = lhp.RegistrationTally.from_counts(counts)
    return lhp.suppress(lhp.partner_shares(tally), rule=lhp.SuppressionRule(4))


def within_target():
    return every_table()["within_target"]


NO_OTHER = "must have no other members than"
SURROGATE = "must be Unicode text, without half of a surrogate pair; got '\\ud800'"
MISSING = object()

FAULTS = [
    ("/hidden", MISSING, "the document has no 'hidden'"),
    ("/display", MISSING, "the document has no 'display'"),
    ("/provenance/notes", MISSING, "provenance has no 'notes'"),
    ("/columns/count/heading", MISSING, "columns['count'] has no 'heading'"),
    ("/rows/0/count", MISSING, "rows[0] has no 'count'"),
    (
        "/rows/1/colour",
        "red",
        f"rows[1] {NO_OTHER} 'key', 'name', 'count', 'share', 'percent'; got 'colour'",
    ),
    (
        "/rows/0/share/width",
        0.5,
        f"rows[0].share {NO_OTHER} 'value', 'low', 'high'; got 'width'",
    ),
    ("/facts/tone", "red", f"facts {NO_OTHER} none; got 'tone'"),
    (
        "/columns/count/unit",
        "proportion",
        f"columns['count'] {NO_OTHER} 'type', 'heading'; got 'unit'",
    ),
    (
        "/rows/0/share",
        {"high": 0, "low": 1, "value": 0.5},
        "rows[0].share must not have its low above its high; "
        "got {'high': 0, 'low': 1, 'value': 0.5}",
    ),
    (
        "/rows/0/share/low",
        None,
        'rows[0].share.low must be a number, "NaN", "Infinity" or "-Infinity"; got None',
    ),
    ("/rows/0/count", -1, "rows[0].count must be at least 0; got -1"),
    (
        "/columns/share/confidence_level",
        95,
        "columns['share'].confidence_level must be between 0 and 1 (exclusive); got 95",
    ),
    (
        "/columns/share/confidence_level",
        "NaN",
        "columns['share'].confidence_level must be between 0 and 1 (exclusive); got 'NaN'",
    ),
    (
        "/provenance/confidence_level",
        1,
        "provenance.confidence_level must be between 0 and 1 (exclusive); got 1",
    ),
    (
        "/provenance/records_in",
        -1,
        "provenance.records_in must be a whole number of at least 0 or a part such as '1/3'; "
        "got -1",
    ),
    ("/rows/1/key", "REM", "rows[1].key must not be that of rows[0]; got 'REM'"),
    ("/rows/0/key", 10**30, f"rows[0].key must be a number that 64 bits hold; got 1{'0' * 30}"),
    ("/rows/0/key", "\ud800", f"rows[0].key {SURROGATE}"),
    ("/rows/0/name", "\ud800", f"rows[0].name {SURROGATE}"),
    ("/title", "\ud800", f"title {SURROGATE}"),
    ("/provenance/notes", ["\ud800"], f"provenance.notes[0] {SURROGATE}"),
    ("/provenance/records_excluded", {"\ud800": 1}, f"provenance.records_excluded {SURROGATE}"),
    (
        "/provenance/as_of",
        "20240331",
        "provenance.as_of must be a date such as '2023-11-20'; got '20240331'",
    ),
    (
        "/provenance/periods",
        [{"label": "", "start": "2024-01-02", "end": "2024-01-01"}],
        "provenance.periods[0].end must not be before start (2024-01-02); got '2024-01-01'",
    ),
    (
        "/by",
        ["organisation", "year"],
        "rows[0].key must be a list of 2 parts, as the rows are by; got 'REM'",
    ),
    ("/by", [" "], "by[0] must not be blank; got ' '"),
    ("/display/headings", {"share": ""}, "display.headings['share'] must not be blank; got ''"),
    ("/display/headings", {"part": "A"}, "display.headings['part'] must name a column; got 'part'"),
    (
        "/display/specs",
        {"share": "p"},
        "display.specs['share'] must be a format that its cells can have; got 'p'",
    ),
    ("/total/key", "All", "total.key must be 'Total'; got 'All'"),
    ("/total/name", "All", "total.name must be 'Total'; got 'All'"),
    (
        "/table",
        "ShareChanges",
        "result must be 'ShareChange' in a ShareChanges; got 'PartnerShare'",
    ),
    ("/hidden", {"count": [0]}, "hidden has no 'share'"),
    (
        "/hidden",
        {"count": [0], "share": [], "percent": [0, 1, 2]},
        "hidden['share'] must hold the places of hidden['count'], since rows are hidden whole; "
        "got []",
    ),
    (
        "/hidden",
        {"count": [0], "share": [0], "percent": [0]},
        "hidden['percent'] must hold all places where a row is hidden, and else none: every row "
        "tells of all; got [0]",
    ),
    (
        "/hidden",
        {"count": [0], "share": [0], "percent": [0, 1, 2]},
        "rows[0].count must be null, being hidden; got 2",
    ),
]


def changed(result, place, value):
    """Return the document with something else, or nothing, in one place."""
    document = strictly(result.to_json())
    inner = document
    *way, last = place.removeprefix("/").split("/")
    for step in way:
        inner = inner[int(step) if isinstance(inner, list) else step]
    if value is MISSING:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(document)


def refused(kind, text):
    with pytest.raises(lhp.InvalidInputError) as caught:
        kind.from_json(text)
    return str(caught.value)


@pytest.mark.parametrize(("place", "value", "message"), FAULTS)
def test_what_no_table_could_be_is_refused(place, value, message):
    assert refused(lhp.Table, changed(shares(), place, value)) == message


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("/rows/0/target_days", "NaN", "rows[0].target_days must be a finite number; got 'NaN'"),
        ("/rows/0/due", 1.5, "rows[0].due must be integer as columns['due'] says; got 1.5"),
        (
            "/columns/due/type",
            "number",
            "columns['due'].type must be 'integer' or 'exact'; got 'number'",
        ),
        (
            "/rows/0/due",
            2**63,
            "rows[0].due must be a number that 64 bits hold; got 9223372036854775808",
        ),
    ],
)
def test_what_no_column_could_be_is_refused(place, value, message):
    assert refused(lhp.Table, changed(within_target(), place, value)) == message


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        (
            "partner_shares_of_parts",
            "/rows/0/count",
            "-1/3",
            "rows[0].count must be at least 0; got '-1/3'",
        ),
        (
            "partner_shares_of_parts",
            "/rows/0/count",
            "2.50",
            "rows[0].count must be a whole number or a part such as \"1/3\"; got '2.50'",
        ),
        (
            "partner_shares_of_pounds",
            "/rows/0/pounds",
            3,
            'rows[0].pounds must be a part such as "1/3" or pounds such as "12.50"; got 3',
        ),
        (
            "partner_shares_of_pounds",
            "/rows/0/pounds",
            "1E+99999",
            'rows[0].pounds must be a number, or text such as "1/3" or "12.50"; got \'1E+99999\'',
        ),
        (
            "share_change",
            "/rows/0/verdict",
            "won",
            "rows[0].verdict must be 'gained' or 'lost' or 'within chance'; got 'won'",
        ),
    ],
)
def test_a_cell_is_of_the_kinds_of_its_field(name, place, value, message):
    assert refused(lhp.Table, changed(every_table()[name], place, value)) == message


def test_a_difference_may_be_negative():
    change = every_table()["registration_change"]
    text = changed(change, "/rows/0/count_change", -3)

    assert lhp.Table.from_json(text)[change.keys[0]].count_change == -3


@pytest.mark.parametrize(
    ("written", "twice", "message"),
    [
        ('"hidden": {', '"total": null, "hidden": {', "the document must have each member once"),
        ('"count": 2', '"count": 1, "count": 2', "rows[0] must have each member once"),
        ('"low": 0.', '"low": 0.1, "low": 0.', "rows[0].share must have each member once"),
        ('"notes": [', '"notes": [], "notes": [', "provenance must have each member once"),
    ],
)
def test_a_member_that_stands_twice_is_refused(written, twice, message):
    text = shares().to_json()
    assert written in text

    name = re.match('"([a-z]+)"', twice)[1]
    assert refused(lhp.Table, text.replace(written, twice, 1)) == f"{message}; got {name!r}"


def test_a_number_beyond_floats_is_refused():
    text = shares().to_json().replace('"confidence_level": 0.95', '"confidence_level": 1e400')

    assert refused(lhp.Table, text) == (
        "columns['share'].confidence_level must be a number that 64 bits hold; got inf"
    )


def test_rows_that_are_never_suppressed_are_not_hidden():
    table = every_table()["time_to_decision"]
    text = changed(table, "/hidden", {name: [0] for name in table.columns})

    assert refused(lhp.Table, text).startswith(
        "hidden must have no places: its counts of one group add up over the months"
    )


@pytest.mark.parametrize(
    ("row", "place", "value", "message"),
    [
        (
            "half hidden",
            "/row/before",
            None,
            "row.before must have a value, or be hidden with its row; got None",
        ),
        ("hidden", "/row/percent", 3.5, "row.percent must be null, since count is hidden; got 3.5"),
        (
            "shown",
            "/colour",
            1,
            "the document must have no other members than 'schema', 'result', 'columns', 'row', "
            "'provenance'; got 'colour'",
        ),
        ("shown", "/row/count", -1, "row.count must be at least 0; got -1"),
    ],
)
def test_what_no_row_could_be_is_refused(row, place, value, message):
    change = every_table()["registration_change"]["REM"]
    rows = {"shown": shares()["REM"], "hidden": hidden_shares()["REM"], "half hidden": change}
    result = rows[row]

    assert refused(lhp.Row, changed(result, place, value)) == message


def test_a_row_of_all_groups_is_never_hidden():
    text = changed(every_row()["concentration"], "/row/gini", None)

    assert refused(lhp.Row, text) == (
        "row.gini must have a value, or be hidden with its row; got None"
    )


def test_keys_of_several_partners_beside_another_key_are_read_back():
    keys = {(("REM", "REN"), "2023"): 1, ("REM", "2023"): 2}
    table = lhp.RegistrationTally.from_counts(keys, by=("organisation", "year")).to_table()

    assert lhp.Table.from_json(table.to_json()) == table
    TABLE.validate(strictly(table.to_json()))


def test_keys_nested_deeper_are_refused():
    text = changed(shares(), "/rows/0/key", [[["REM"]]])

    assert refused(lhp.Table, text) == (
        "rows[0].key must be text, a whole number, a period's start and end, or a list; got ['REM']"
    )


def test_pounds_and_parts_of_pounds_are_sorted_together():
    table = every_table()["partner_shares_of_parted_pounds"]
    text = changed(table, "/rows/0/pounds", "12.50")
    read = lhp.Table.from_json(changed(lhp.Table.from_json(text), "/rows/1/pounds", "25/3"))

    assert read.sort("pounds").keys[:2] == (read.keys[1], read.keys[0])


def test_a_change_between_periods_that_are_not_stated_is_described():
    text = changed(every_table()["registration_change"], "/provenance/periods", [])

    said = lhp.RegistrationChanges.from_json(text)["REN"].describe()

    assert said.startswith(
        "Clatterbridge: 1 study was registered in the first period and 34 in the second."
    )


def test_groups_without_a_study_are_not_said_to_have_changed():
    change = every_table()["registration_change"]
    document = strictly(change.to_json())
    for row in document["rows"]:
        row |= {"before": 0, "after": 0}

    read = lhp.Table.from_json(json.dumps(document))

    assert change.heterogeneity.p_value < 0.05
    assert read.describe() == change.total.describe()


@pytest.mark.parametrize(("upto", "shown"), [(170, "170"), ("Infinity", "inf"), ("NaN", "nan")])
def test_a_change_over_no_certain_number_of_days_is_described(upto, shown):
    text = changed(every_table()["setup_change"], "/total/upto", upto)

    assert f"Within the first {shown} days" in lhp.Table.from_json(text).total.describe()


def test_a_heading_without_a_letter_is_printed():
    text = changed(shares(), "/by", ["_"])

    assert "REM" in str(lhp.Table.from_json(text))
