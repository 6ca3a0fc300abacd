"""Grants and studies written to files."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from lhp_metrics._checks import each_of, is_total
from lhp_metrics._files import GRANTS, SITE_KINDS, STUDIES, Layout
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Grant, Study, StudySite
from lhp_metrics.writers._target import FileFormat, Target, write_rows

__all__ = ["write_grants", "write_studies"]


def write_grants(
    grants: Iterable[Grant], target: Target, *, file_format: FileFormat | None = None
) -> None:
    """Write grants to a file, one row each.

    Parameters
    ----------
    grants : iterable of Grant
        Each reference once.
    target : path or open file
        What the name of a path ends in tells the format: ``.csv``, ``.json`` or ``.xlsx``.
    file_format : {"csv", "json", "excel"}, optional
        Needed for an open file.

    Raises
    ------
    InvalidInputError
        If a reference stands twice, or a text does not fit into the format, such as one with a
        NUL character; nothing is written then.
    MissingExtraError
        For Excel, if openpyxl is not installed (extra ``excel``).

    See Also
    --------
    read_grants : Gives back equal grants.

    Notes
    -----
    CSV is in UTF-8 with a byte order mark, by which Excel knows it. Partners stand in one cell
    (``REN; RET``), parts too (``REM=2/3; REN=1/3``). Text that a spreadsheet would take for a
    formula (it begins with ``=``, ``+``, ``-``, ``@``) gets an apostrophe in front, which the
    readers take off.

    Examples
    --------
    >>> import io
    >>> import lhp_metrics as lhp
    >>> file = io.StringIO()
    >>> lhp.write_grants([lhp.Grant(reference="=G1", submitted_on="2023-05-01",
    ...                             outcome="pending", lead="REM")], file, file_format="csv")
    >>> file.getvalue().splitlines()[1]
    "'=G1,2023-05-01,pending,,,,,,REM,,,,,,,,"
    >>> _ = file.seek(0)
    >>> lhp.read_grants(file)[0].reference
    '=G1'
    """
    records = _checked("grants", grants, GRANTS)
    names = list(GRANTS.kinds)
    write_rows(
        names,
        ([getattr(grant, name) for name in names] for grant in records),
        map(_object, records),
        target,
        file_format,
    )


def write_studies(
    studies: Iterable[Study], target: Target, *, file_format: FileFormat | None = None
) -> None:
    """Write studies to a file, one row for each study and site.

    Parameters
    ----------
    studies : iterable of Study
        Each ``study_id`` once. A study without sites has one row.
    target : path or open file
        What the name of a path ends in tells the format: ``.csv``, ``.json`` or ``.xlsx``. In
        JSON each study is one object, with its sites in a list.
    file_format : {"csv", "json", "excel"}, optional
        Needed for an open file.

    Raises
    ------
    InvalidInputError
        If a study stands twice, or a text does not fit into the format; nothing is written then.
    MissingExtraError
        For Excel, if openpyxl is not installed (extra ``excel``).

    See Also
    --------
    read_studies : Gives back equal studies.
    write_grants : Says how cells are written.

    Examples
    --------
    >>> import io
    >>> import lhp_metrics as lhp
    >>> file = io.StringIO()
    >>> lhp.write_studies([lhp.Study(study_id="S1", sites=["REM", "REN"])], file, file_format="csv")
    >>> _ = file.seek(0)
    >>> [site.organisation for site in lhp.read_studies(file)[0].sites]
    ['REM', 'REN']
    """
    records = _checked("studies", studies, STUDIES)
    names = [name for name in STUDIES.kinds if name != "sites"]
    sites = ["organisation", *SITE_KINDS]

    def rows() -> Iterator[list[Any]]:
        for study in records:
            own = [getattr(study, name) for name in names]
            for site in study.sites:
                yield own + [getattr(site, name) for name in sites]
            if not study.sites:
                yield own + [None] * len(sites)

    write_rows([*names, *sites], rows(), map(_object, records), target, file_format)


def _checked(name: str, records: object, layout: Layout) -> list[Any]:
    found = list(each_of(records, "records", single=layout.model, name=name))
    for index, record in enumerate(found):
        if not isinstance(record, layout.model):
            kind = layout.model.__name__
            raise InvalidTypeError(f"{name}[{index}] must be a {kind}; got {record!r:.80}")
    times = Counter(getattr(record, layout.key) for record in found)
    twice = [key for key, many in times.items() if many > 1]
    if twice:
        raise InvalidInputError(f"{layout.key} {twice[0]!r} stands {times[twice[0]]} times")
    total = next(filter(is_total, times), None)
    if total is not None:
        rule = f"must be a {layout.noun}, not the total of the others"
        raise InvalidInputError(f"{layout.key} {total!r} {rule}")
    return found


def _object(record: Grant | Study | StudySite) -> dict[str, Any]:
    """Return a record as JSON holds it; what is not stated is left out."""
    values = ((f.name, getattr(record, f.name)) for f in attrs.fields(type(record)))
    return {name: _json_value(value) for name, value in values if value not in (None, ())}


def _json_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_object(item) if isinstance(item, StudySite) else item for item in value]
    if isinstance(value, Mapping):
        return {name: str(part) for name, part in value.items()}
    if isinstance(value, dt.date | Decimal):
        return str(value)
    return value
