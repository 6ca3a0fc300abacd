import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

import lhp_metrics as lhp
from every_result import any_table, every_row, every_table, golden, strictly
from lhp_metrics.results.json_schema import made_schema

TABLE = Draft202012Validator(lhp.result_schema("table"))
ROW = Draft202012Validator(lhp.result_schema("row"))


@pytest.mark.parametrize("name", every_table())
def test_what_a_table_writes_is_strict_json_that_fits_the_published_schema(name):
    TABLE.validate(strictly(every_table()[name].to_json()))


@pytest.mark.parametrize("document", ["table", "row"])
def test_the_published_schema_is_what_the_classes_make(document):
    made = made_schema(document)

    Draft202012Validator.check_schema(made)
    # If a class has changed: json.dumps(made_schema(...), indent=1) is the new file.
    assert lhp.result_schema(document) == made


@pytest.mark.parametrize("name", every_row())
def test_what_a_row_writes_is_strict_json_that_fits_the_published_schema(name):
    ROW.validate(strictly(every_row()[name].to_json()))


@settings(max_examples=60)
@given(any_table())
def test_whatever_a_table_and_its_rows_hold_fits_the_published_schema(table):
    TABLE.validate(strictly(table.to_json()))
    for row in table:
        ROW.validate(strictly(row.to_json()))


@pytest.mark.parametrize("path", golden(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_an_older_version_wrote_fits_the_published_schema(path):
    written = strictly(path.read_text("utf-8"))

    (ROW if "row" in written else TABLE).validate(written)
