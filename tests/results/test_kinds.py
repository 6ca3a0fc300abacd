from pathlib import Path

import attrs
import pytest

import lhp_metrics as lhp
from every_result import every_row, every_table, golden, strictly
from lhp_metrics.results._kinds import ROWS, TABLES, row_class, table_class


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


def test_older_versions_wrote_one_of_every_kind():
    written = [strictly(path.read_text("utf-8")) for path in golden()]

    assert {document["result"] for document in written} == set(ROWS)
    assert {document["table"] for document in written if "table" in document} == set(TABLES)


def test_a_row_class_of_ones_own_cannot_be_written():
    @attrs.frozen(kw_only=True)
    class Mine(lhp.Row):
        pass

    with pytest.raises(lhp.NotFoundError, match="is no result of this library"):
        Mine(key="A", name="A", provenance=lhp.Provenance(definition="mine/1")).to_json()
