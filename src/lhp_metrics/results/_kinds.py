"""Which class a result read from JSON has: names in the file, and where the class is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lhp_metrics._checks import near_matches
from lhp_metrics.errors import NotFoundError

if TYPE_CHECKING:
    from lhp_metrics.results.rows import Row
    from lhp_metrics.results.table import Table

__all__ = ["ROWS", "TABLES", "kind_name", "row_class", "table_class"]

# Only these names are looked up: a file cannot name anything else to be loaded.
ROWS: Mapping[str, str] = {
    "ClockCounts": "tallies.setup",
    "Concentration": "metrics.concentration",
    "ControlPoint": "metrics.control_chart",
    "FunnelPoint": "metrics.funnel",
    "GrantCounts": "tallies._outcomes",
    "PartnerShare": "metrics.shares",
    "PerHead": "results.per_head",
    "PoundsShare": "metrics.shares",
    "RegistrationChange": "metrics.registrations",
    "RegistrationCounts": "tallies.registrations",
    "SetupChange": "metrics.setup_change",
    "SetupTime": "metrics.setup_times",
    "ShareChange": "metrics.share_change",
    "SuccessForecast": "metrics.forecast",
    "SuccessRate": "metrics.success",
    "SuccessRateChange": "metrics.success_change",
    "SuccessRateComparison": "metrics.success_comparison",
    "TimeAndTarget": "metrics.time_and_target",
    "TimeToDecision": "metrics.time_to_decision",
    "ValueSuccessRate": "metrics.value_success",
    "WithinTarget": "metrics.within_target",
}
TABLES: Mapping[str, str] = {
    "ControlChart": "metrics.control_chart",
    "FunnelPoints": "metrics.funnel",
    "RegistrationChanges": "metrics.registrations",
    "ShareChanges": "metrics.share_change",
    "SuccessRateComparisons": "metrics.success_comparison",
    "Table": "results.table",
}


def kind_name(kind: type, known: Mapping[str, str]) -> str:
    """Return the name that a file gives a class, or refuse one that no file could name."""
    name = kind.__name__
    if kind.__module__ != f"lhp_metrics.{known.get(name)}":
        raise NotFoundError(
            f"{kind.__module__}.{name} is no result of this library, so nobody could read it back"
        )
    return name


def row_class(name: str) -> "type[Row]":
    """Return the class of rows that a file names."""
    found: type[Row] = _class(name, ROWS, "result")
    return found


def table_class(name: str) -> "type[Table[Any]]":
    """Return the class of table that a file names."""
    found: type[Table[Any]] = _class(name, TABLES, "table")
    return found


def _class(name: str, known: Mapping[str, str], what: str) -> Any:
    from importlib import import_module

    if name not in known:
        near = near_matches(name, known)
        raise NotFoundError(f"unknown kind of {what} {name!r}{near}")
    return getattr(import_module(f"lhp_metrics.{known[name]}"), name)
