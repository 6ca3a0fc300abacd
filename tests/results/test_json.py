import json
import math
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import lhp_metrics as lhp
from every_result import any_table, every_row, every_table
from lhp_metrics.results.json_schema import made_schema
from lhp_metrics.results.kinds import ROWS, TABLES, row_class, table_class

ROOT = Path(__file__).parents[2]
WRITTEN_BY = ROOT / "tests" / "data" / "results"
TABLE = Draft202012Validator(lhp.result_schema("table"))
ROW = Draft202012Validator(lhp.result_schema("row"))


def strictly(text):
    """Read JSON that has no NaN and no Infinity, which RFC 8259 does not know."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("name", every_table())
def test_a_table_read_back_is_the_table(name):
    table = every_table()[name]
    text = table.to_json()

    again = lhp.Table.from_json(text)

    assert again == table
    assert type(again) is type(table)
    assert list(again) == list(table)
    assert str(again) == str(table)
    assert again.to_json() == text
    assert [c.dtype for c in map(again.column, again.columns)] == [
        c.dtype for c in map(table.column, table.columns)
    ]


@pytest.mark.parametrize("name", every_table())
def test_what_a_table_writes_is_strict_json_that_fits_the_published_schema(name):
    TABLE.validate(strictly(every_table()[name].to_json()))


@pytest.mark.parametrize("name", every_row())
def test_a_row_read_back_is_the_row_and_fits_the_published_schema(name):
    row = every_row()[name]
    text = row.to_json(indent=1)

    assert lhp.Row.from_json(text) == row
    assert type(row).from_json(text).to_json(indent=1) == text
    ROW.validate(strictly(text))


@settings(max_examples=60)
@given(any_table())
def test_whatever_a_table_holds_survives_the_way_through_json(table):
    text = table.to_json()

    again = lhp.Table.from_json(text)

    assert again == table
    assert again.to_json() == text
    assert strictly(text) == json.loads(text)
    TABLE.validate(strictly(text))
    assert list(again) == list(table)


@settings(max_examples=30)
@given(any_table())
def test_every_row_of_any_table_survives_by_itself(table):
    for row in table:
        assert lhp.Row.from_json(row.to_json()) == row
        ROW.validate(strictly(row.to_json()))


def test_every_kind_of_row_and_table_is_among_these():
    rows = {type(row).__name__ for row in every_row().values()}
    tables = {type(table).__name__ for table in every_table().values()}

    assert rows == set(ROWS)
    assert tables == set(TABLES)


def test_every_class_of_rows_and_tables_can_be_read_back():
    import lhp_metrics.metrics as metrics

    folder = Path(metrics.__file__).parent
    for path in folder.glob("[!_]*.py"):
        __import__(f"lhp_metrics.metrics.{path.stem}")

    def below(kind):
        for child in kind.__subclasses__():
            yield from (child, *below(child))

    ours = {
        c for c in (*below(lhp.Row), *below(lhp.Table)) if c.__module__.startswith("lhp_metrics")
    }
    assert {c.__name__ for c in ours} | {"Table"} == set(ROWS) | set(TABLES)
    assert all(row_class(name).__name__ == name for name in ROWS)
    assert all(table_class(name).__name__ == name for name in TABLES)


@pytest.mark.parametrize("document", ["table", "row"])
def test_the_published_schema_is_what_the_classes_make(document):
    made = made_schema(document)

    Draft202012Validator.check_schema(made)
    # If a class has changed: json.dumps(made_schema(...), indent=1) is the new file.
    assert lhp.result_schema(document) == made


def golden():
    return sorted(WRITTEN_BY.glob("*/*.json"))


@pytest.mark.parametrize("path", golden(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_an_older_version_wrote_is_read(path):
    text = path.read_text("utf-8")
    written = strictly(text)
    kind = lhp.Row if "row" in written else lhp.Table

    read = kind.from_json(text)

    assert strictly(read.to_json()) == written
    assert read.provenance.library_version == path.parent.name
    (TABLE if kind is lhp.Table else ROW).validate(written)


def test_older_versions_wrote_one_of_every_kind():
    written = [strictly(path.read_text("utf-8")) for path in golden()]

    assert {document["result"] for document in written} == set(ROWS)
    assert {document["table"] for document in written if "table" in document} == set(TABLES)


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


def test_null_undefined_and_infinite_are_told_apart():
    none, some = (
        lhp.RegistrationTally.from_counts(counts, period=lhp.Period.month(month))
        for counts, month in (({"A": 0, "B": 0}, "2023-01"), ({"A": 4, "B": 0}, "2023-02"))
    )
    written = strictly(lhp.registration_change(none, some).to_json())
    first, second = written["rows"]

    assert first["rate_ratio"]["value"] == "Infinity"
    assert second["rate_ratio"]["value"] == "NaN"
    assert first["rate_percent_change"] is None
    assert math.isnan(float(second["rate_ratio"]["value"]))


def test_hidden_cells_are_null_whatever_lies_under_them():
    table = shares()
    size = len(table.columns["count"])
    secret = attrs.evolve(table, hidden={"count": [True] * size, "share": [True] * size})

    written = strictly(secret.to_json())

    assert [row["count"] for row in written["rows"]] == [None, None]
    assert [row["share"] for row in written["rows"]] == [None, None]


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
        (changed(title=3), lhp.InvalidInputError, "title of the document must be text; got 3"),
        (changed(by="organisation"), lhp.InvalidInputError, "by must be a list of texts"),
        (changed(hidden={"count": [7]}), lhp.InvalidInputError, "must hold places from 0 to 2"),
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
        ("count", None, "count of row 0 must have a value, or be hidden"),
        ("share", None, "share of row 0 must have a value, or be hidden"),
        ("name", None, r"name of rows\[0\] must be text"),
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


def test_a_row_class_of_ones_own_cannot_be_written():
    @attrs.frozen(kw_only=True)
    class Mine(lhp.Row):
        pass

    with pytest.raises(lhp.NotFoundError, match="is no result of this library"):
        Mine(key="A", name="A", provenance=shares().provenance).to_json()


@pytest.mark.parametrize("given", [3, None, ["{}"]])
def test_only_text_is_read(given):
    with pytest.raises(lhp.InvalidTypeError, match="a result is read from JSON text"):
        lhp.Table.from_json(given)


def test_the_indent_is_a_whole_number():
    with pytest.raises(lhp.InvalidTypeError, match="indent must be a whole number"):
        shares().to_json(indent="  ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def paths(value, here=()):
    yield here
    if isinstance(value, dict):
        inner = list(value.items())
    else:
        inner = list(enumerate(value)) if isinstance(value, list) else []
    for step, part in inner:
        yield from paths(part, (*here, step))


@settings(max_examples=200)
@given(st.data())
def test_a_spoilt_document_is_read_or_refused_but_never_breaks(data):
    name = data.draw(st.sampled_from(["registration_change", "partner_shares_of_parted_pounds"]))
    document = strictly(every_table()[name].to_json())
    *way, last = data.draw(st.sampled_from([path for path in paths(document) if path]))
    inner = document
    for step in way:
        inner = inner[step]
    inner[last] = data.draw(JSON)

    try:
        read = lhp.Table.from_json(json.dumps(document))
    except lhp.LhpMetricsError:
        return
    assert len(str(read)) < 100_000
