import json

import pytest

import lhp_metrics as lhp
from every_result import WRITTEN_BY, every_table, golden, newest, results_of_today, strictly


@pytest.mark.parametrize("path", golden(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_an_older_version_wrote_is_read(path):
    text = path.read_text("utf-8")
    written = strictly(text)
    kind = lhp.Row if "row" in written else lhp.Table

    read = kind.from_json(text)

    assert strictly(read.to_json()) == written
    assert read.provenance.library_version == path.parent.name


def plain(document):
    """Return a document's leaves by their place, without the version that wrote it."""
    if not isinstance(document, dict | list) or not document:
        return {"": document}
    items = document.items() if isinstance(document, dict) else enumerate(document)
    return {
        f"/{key}{place}": value
        for key, part in items
        if key != "library_version"
        for place, value in plain(part).items()
    }


@pytest.mark.parametrize("name", results_of_today())
def test_the_same_records_make_the_same_figures_under_the_same_words(name):
    """A figure that moves raises the number of its definition."""
    stored = plain(strictly(newest(name).read_text("utf-8")))

    made = plain(strictly(results_of_today()[name].to_json()))

    assert list(made) == list(stored)
    for place, value in stored.items():
        same = pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
        assert made[place] == same, place


def test_figures_of_an_older_version_are_what_they_were():
    read = lhp.Table.from_json((WRITTEN_BY / "0.1.0" / "registration_change.json").read_text())

    # LHP's annual report 2023-24 prints both counts.
    assert (read["REN"].before, read["REN"].after) == (1, 34)
    assert read.total.before == 158
    assert read.heterogeneity.degrees_of_freedom == 5


def shares():
    return lhp.partner_shares(lhp.RegistrationTally.from_counts({"REM": 2, "REN": 1}))


def changed(**changes):
    return json.dumps({**strictly(shares().to_json()), **changes})


def stated(**changes):
    return {**strictly(shares().to_json())["provenance"], **changes}


def hidden(places):
    return dict.fromkeys(strictly(shares().to_json())["columns"], places)


def test_whole_numbers_may_lose_their_point_on_the_way_through_javascript():
    written = shares().to_json().replace("100.0", "100")

    assert lhp.Table.from_json(written) == shares()


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", lhp.InvalidInputError, "the text is not JSON"),
        ('{"schema": NaN}', lhp.InvalidInputError, "NaN is no JSON number"),
        ("[]", lhp.InvalidInputError, "the document must be an object"),
        ("{}", lhp.InvalidInputError, "the document has no 'schema'"),
        (
            '{"schema": "lhp-metrics/table/2"}',
            lhp.InvalidInputError,
            "'lhp-metrics/table/2', which a newer lhp-metrics wrote",
        ),
        ('{"schema": "lhp-metrics/row/1"}', lhp.InvalidInputError, "must have schema"),
        (changed(table="os.system"), lhp.NotFoundError, "unknown kind of table 'os.system'"),
        (changed(result="PartnerShares"), lhp.NotFoundError, "did you mean 'PartnerShare'"),
        (changed(result="ShareChange"), lhp.InvalidInputError, "columns that ShareChange has not"),
        (changed(rows={}), lhp.InvalidInputError, "rows must be a list"),
        (changed(rows=[{"key": "A"}]), lhp.InvalidInputError, r"has no 'name'|has no 'count'"),
        (changed(title=3), lhp.InvalidInputError, "title must be text; got 3"),
        (changed(by="organisation"), lhp.InvalidInputError, "by must be a list of texts"),
        (
            changed(hidden=hidden(0)),
            lhp.InvalidInputError,
            r"hidden\['count'\] must be a list of",
        ),
        (changed(provenance={}), lhp.InvalidInputError, "provenance has no 'definition'"),
        (
            changed(provenance={"definition": "shares/1"}),
            lhp.InvalidInputError,
            "provenance has no 'library_version'",
        ),
        (
            changed(provenance=stated(periods={"from": "2023"})),
            lhp.InvalidInputError,
            "provenance.periods must be a list",
        ),
        (
            changed(provenance=stated(periods=[{"label": 7, "start": 1, "end": 1}])),
            lhp.InvalidInputError,
            r"provenance.periods\[0\].label must be text; got 7",
        ),
        (
            changed(provenance=stated(records_in="12.50")),
            lhp.InvalidInputError,
            r"provenance.records_in must be a whole number .* such as '1/3'; got '12\.50'",
        ),
        (
            changed(provenance=stated(records_in="some")),
            lhp.InvalidInputError,
            'provenance.records_in must be a number, or text such as "1/3" or "12.50"; got',
        ),
        (
            changed(provenance=stated(records_in="1/0")),
            lhp.InvalidInputError,
            'provenance.records_in must be a number, or text such as "1/3"',
        ),
        (
            changed(provenance=stated(confidence_level=10**400)),
            lhp.InvalidInputError,
            "provenance.confidence_level must be a number that 64 bits hold",
        ),
        (changed(hidden=hidden([7])), lhp.InvalidInputError, "must hold places from 0 to 2"),
        (
            changed(display={"specs": {"percent": "99999999999f"}}),
            lhp.InvalidInputError,
            "must be a number format",
        ),
        (changed(display={"picked": ["shar"]}), lhp.NotFoundError, "did you mean 'share'"),
    ],
)
def test_a_document_that_does_not_fit_names_the_place(text, error, message):
    with pytest.raises(error, match=message):
        lhp.Table.from_json(text)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("count", "12", r"rows\[0\].count must be integer as columns\['count'\] says; got '12'"),
        ("count", True, r"rows\[0\].count must be integer"),
        ("count", 10**30, "64 bits"),
        ("percent", "12", r'rows\[0\].percent must be a number, "NaN"'),
        ("percent", True, r"rows\[0\].percent must be a number"),
        ("share", [1, 2, 3], r"rows\[0\].share must be an object"),
        ("share", {"value": 0.5, "low": 0.1}, r"rows\[0\].share has no 'high'"),
        ("key", 1.5, r"rows\[0\].key must be text"),
        ("key", {"start": "2023-02-30", "end": "2023-03-01"}, "must be a date such as"),
        ("count", None, r"rows\[0\].count must have a value, or be hidden"),
        ("share", None, r"rows\[0\].share must have a value, or be hidden"),
        ("name", None, r"rows\[0\].name must be text"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(name, value, message):
    rows = strictly(shares().to_json())["rows"]
    rows[0][name] = value

    with pytest.raises(lhp.InvalidInputError, match=message):
        lhp.Table.from_json(changed(rows=rows))


@pytest.mark.parametrize(
    ("name", "storage", "message"),
    [
        ("count", "text", r"columns\['count'\].type must be 'integer' or 'number' or 'exact'"),
        ("share", "number", r"columns\['share'\].type must be 'estimate'; got 'number'"),
        ("share", [], r"columns\['share'\].type must be 'estimate'; got \[\]"),
        ("percent", "object", r"columns\['percent'\].type must be"),
    ],
)
def test_a_column_is_stored_as_its_cells_can_be(name, storage, message):
    columns = strictly(shares().to_json())["columns"]
    columns[name]["type"] = storage

    with pytest.raises(lhp.InvalidInputError, match=message):
        lhp.Table.from_json(changed(columns=columns))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "degrees_of_freedom",
            "5",
            r"heterogeneity\.degrees_of_freedom must be int; got '5'",
        ),
        ("degrees_of_freedom", True, r"facts\.heterogeneity\.degrees_of_freedom must be int"),
        ("p_value", "small", r'facts\.heterogeneity\.p_value must be a number, "NaN"'),
    ],
)
def test_a_fact_of_a_table_is_of_its_type(name, value, message):
    document = strictly(every_table()["registration_change"].to_json())
    document["facts"]["heterogeneity"][name] = value

    with pytest.raises(lhp.InvalidInputError, match=message):
        lhp.Table.from_json(json.dumps(document))


@pytest.mark.parametrize("value", [1.5, "NaN", "Infinity"])
def test_a_count_is_whole(value):
    document = strictly(every_table()["registration_change"].to_json())
    document["rows"][0]["before"] = value

    with pytest.raises(lhp.InvalidInputError, match=r"rows\[0\].before must be a whole number"):
        lhp.Table.from_json(json.dumps(document))


def test_a_table_is_read_only_as_what_it_is():
    with pytest.raises(lhp.InvalidInputError, match="holds a Table, not a RegistrationChanges"):
        type(every_table()["registration_change"]).from_json(shares().to_json())
    with pytest.raises(lhp.InvalidInputError, match="holds a PartnerShare, not a SuccessRate"):
        lhp.success_rate(lhp.OutcomeCounts(successful=1, unsuccessful=1)).from_json(
            shares()["REM"].to_json()
        )


def test_an_optional_column_that_came_later_is_not_stated_in_older_files():
    written = strictly(shares().to_json())
    del written["columns"]["percent"]
    for row in (*written["rows"], written["total"]):
        del row["percent"]

    read = lhp.Table.from_json(json.dumps(written))

    assert read["REM"].percent is None
    assert read["REM"].share == shares()["REM"].share


@pytest.mark.parametrize("given", [3, None, ["{}"]])
def test_only_text_is_read(given):
    with pytest.raises(lhp.InvalidTypeError, match="a result is read from JSON text"):
        lhp.Table.from_json(given)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"display": {"specs": {"share": "d"}}},
            "display.specs['share'] must be a format that its cells can have; got 'd'",
        ),
        (
            {"display": {"specs": {"percent": ",d"}}},
            "display.specs['percent'] must be a format that its cells can have; got ',d'",
        ),
        (
            {"display": {"specs": {"shares": ".1f"}}},
            "display.specs['shares'] must name a column; got 'shares'",
        ),
    ],
)
def test_formats_that_no_cell_could_have_are_refused(changes, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.Table.from_json(changed(**changes))

    assert str(caught.value) == message


def test_a_result_is_read_from_utf_8_as_a_tally_is():
    table = every_table()["success_rates"]
    text = table.to_json()

    for same in (text.encode(), b"\xef\xbb\xbf" + text.encode(), "\ufeff" + text):
        assert lhp.Table.from_json(same).to_json() == text
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.Table.from_json(text.encode("utf-16"))
    assert str(caught.value) == "the text is not JSON: its bytes must be UTF-8; they are UTF-16"
