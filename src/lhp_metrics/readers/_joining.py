"""Rows joined into records: a file may have one for each organisation of a record."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import attrs

from lhp_metrics._files import SITE_KINDS, Layout
from lhp_metrics.errors import Fault, LhpMetricsError
from lhp_metrics.models import Records, StudySite
from lhp_metrics.models._organisation_fields import Shares
from lhp_metrics.readers._columns import Columns
from lhp_metrics.readers._table import Table
from lhp_metrics.readers._words import CellError

__all__ = ["join_records"]


def made_of(kind: type[attrs.AttrsInstance], fields: Mapping[str, Any]) -> Any:
    """Return the record of fields that its own converters have read, cell by cell.

    Its constructor would run them all again, which is most of what a long file costs; what it
    checks between fields is checked here too.
    """
    made: Any = object.__new__(kind)
    for name, default, put in _slots(kind):
        put(made, fields.get(name, default))
    made.__attrs_post_init__()
    return made


@cache
def _slots(kind: type[attrs.AttrsInstance]) -> list[tuple[str, Any, Callable[[Any, Any], None]]]:
    return [(f.name, f.default, getattr(kind, f.name).__set__) for f in attrs.fields(kind)]


def join_records(
    table: Table, places: Mapping[str, int], layout: Layout, columns: Columns
) -> Records[Any]:
    """Return the records that can be made, and what is wrong with the others.

    A record with a fault in any of its rows is left out with all of them.
    """
    joiner = _Joiner(table, places, layout, columns)
    return joiner.records()


class _Joiner:
    """One file's rows on their way to records."""

    def __init__(
        self, table: Table, places: Mapping[str, int], layout: Layout, columns: Columns
    ) -> None:
        self.table = table
        self.places = places
        self.layout = layout
        self.values = columns.values
        self.faults = list(columns.faults)
        self.faulty = {index for index, _ in self.faults}
        self.is_long = "organisation" in places
        # What all rows of a record must agree on.
        self.fields = [field for field in places if field not in layout.row_kinds]

    def records(self) -> Records[Any]:
        rows_of: defaultdict[str, list[int]] = defaultdict(list)
        strays = 0
        for index, key in enumerate(self.values[self.layout.key]):
            if isinstance(key, str):
                rows_of[key].append(index)
            else:
                strays += 1
        records: list[Any] = []
        for rows in rows_of.values():
            if len(rows) > 1:
                self._compare(rows)
            elif self.is_long:
                self._refuse_unnamed(rows[0])
            if self.faulty.isdisjoint(rows):
                record = self._record(rows)
                if record is not None:
                    records.append(record)
        self.faults.sort(key=lambda found: found[0])
        used = set(self.places.values())
        return Records(
            source=self.table.source,
            records=tuple(records),
            faults=tuple(fault for _, fault in self.faults),
            unreadable=len(rows_of) + strays - len(records),
            rows_in=len(self.table.rows),
            passed_over=tuple(h for i, h in enumerate(self.table.headings) if i not in used),
        )

    def _fault(self, index: int, field: str | None, rule: str, hint: str) -> None:
        place = self.places[self.layout.key if field is None else field]
        self.faulty.add(index)
        fault = Fault(
            row=self.table.numbers[index],
            field=None if field is None else self.table.headings[place],
            value=self.table.rows[index][place],
            rule=rule,
            hint=hint,
        )
        self.faults.append((index, fault))

    def _refuse_unnamed(self, index: int) -> None:
        """Find what is said of an organisation that is not named."""
        said = [
            self.table.headings[self.places[field]]
            for field in self.layout.row_kinds
            if field in self.places and self.values[field][index] is not None
        ]
        if said and self.values["organisation"][index] is None:
            rule = f"must not be blank beside {', '.join(map(repr, said))}"
            self._fault(index, "organisation", rule, "")

    def _compare(self, rows: Sequence[int]) -> None:
        """Find rows of one record that contradict each other or say a thing twice."""
        first, *others = rows
        number = f"row {self.table.numbers[first]:,}"
        for field in self.fields:
            column = self.values[field]
            for index in others:
                values = (column[first], column[index])
                if values[0] != values[1] and not any(isinstance(v, CellError) for v in values):
                    said = self.table.rows[first][self.places[field]]
                    rule = f"must be the same in all rows of a {self.layout.noun}"
                    self._fault(index, field, rule, f"{number} has {said!r:.80}")
        if not self.is_long:
            for index in others:
                rule = (
                    "must stand once; a file with a row for each organisation needs a column "
                    "'organisation'"
                )
                self._fault(index, self.layout.key, rule, f"{number} has it too")
            return
        seen: dict[str, int] = {}
        for index in rows:
            code = self.values["organisation"][index]
            if isinstance(code, CellError):
                continue
            if code is None:
                rule = f"must not be blank where a {self.layout.noun} has several rows"
                self._fault(index, "organisation", rule, "")
            elif code in seen:
                key = self.table.rows[index][self.places[self.layout.key]]
                rule = f"must stand once in a {self.layout.noun}"
                other = f"row {self.table.numbers[seen[code]]:,} of {key!r:.80} has it too"
                self._fault(index, "organisation", rule, other)
            else:
                seen[code] = index

    def _record(self, rows: Sequence[int]) -> Any:
        first = rows[0]
        fields = {field: self.values[field][first] for field in self.fields}
        fields = {field: value for field, value in fields.items() if value is not None}
        try:
            if self.is_long:
                fields |= self._organisations(rows, fields.get("lead"))
            return made_of(self.layout.model, fields)
        except LhpMetricsError as error:
            label = f"{self.layout.noun} {fields[self.layout.key]!r}: "
            rule = f"a {self.layout.noun} must not contradict itself"
            self._fault(first, None, rule, str(error).removeprefix(label))
            return None

    def _organisations(self, rows: Sequence[int], lead: str | None) -> dict[str, Any]:
        """Return the fields that hold what a long file has in a row for each organisation."""
        named = [i for i in rows if self.values["organisation"][i] is not None]
        found: dict[str, Any]
        if self.layout.several == "sites":
            found = {"sites": tuple(self._sites(named))}
        else:
            codes = (self.values["organisation"][i] for i in named)
            found = {"partners": tuple(code for code in codes if code != lead)}
        if "share" in self.places:
            shares = {self.values["organisation"][i]: self.values["share"][i] for i in named}
            stated = {code: share for code, share in shares.items() if share is not None}
            if stated:
                found["shares"] = Shares(stated.items())
        return found

    def _sites(self, rows: Sequence[int]) -> Iterator[StudySite]:
        fields = [field for field in SITE_KINDS if field in self.places]
        for index in rows:
            given = {field: self.values[field][index] for field in fields}
            try:
                given["organisation"] = self.values["organisation"][index]
                yield made_of(StudySite, given)
            except LhpMetricsError as error:
                raise LhpMetricsError(f"row {self.table.numbers[index]:,}: {error}") from None
