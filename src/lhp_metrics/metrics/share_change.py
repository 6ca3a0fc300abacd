"""Share change: which partners' part of the total grew or shrank?"""

from decimal import Decimal
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np

from lhp_metrics._checks import FloatArray, of_kind, scalar_level
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import difference_interval
from lhp_metrics.intervals._mover import difference_by_mover
from lhp_metrics.metrics._before_after import (
    LineageRule,
    common_date,
    lineage_notes,
    refuse_disorder,
    said_of_each,
    same_groups,
)
from lhp_metrics.metrics._share_basis import ShareBasis, ShareOf, SharesOut, share_basis
from lhp_metrics.results import Columns, Row, Table, column
from lhp_metrics.tallies import Count, GrantTally, RegistrationTally, spans

__all__ = ["ShareChange", "ShareChanges", "Verdict", "share_change"]

Verdict: TypeAlias = Literal["gained", "lost", "within chance"]

RATE_PER = 30


@attrs.frozen(kw_only=True)
class ShareChange(Row):
    """A partner's share in two periods, and what of its own change is growth or mix.

    `before` and `after` are what was shared out, records or pounds. `growth` is what the
    partner would have gained had it only kept its share of the changed total; `mix` is what the
    change of its share adds. Both are per 30 days where the tallies have periods.
    """

    before: Count | Decimal = column("Before")
    after: Count | Decimal = column("After")
    before_share: float = column("Share before", spec=".1%")
    after_share: float = column("Share after", spec=".1%")
    difference: Estimate = column("Difference")
    verdict: Verdict | None = column("Verdict", optional=True)
    growth: float = column("Growth", spec="+,.2f")
    mix: float = column("Mix", spec="+,.2f")

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._count_sentences import say_share_change

        return say_share_change(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._count_sentences import say_share_changes

        return say_share_changes(table)


@attrs.frozen(eq=False, repr=False, kw_only=True)
class ShareChanges(Table[ShareChange]):
    """The table of `share_change`, with who moved and how much moved in all.

    Parameters
    ----------
    redistributed : float
        The part of the total, from 0 to 1, that is with other partners than before: half the sum
        of all differences without their signs. NaN where groups share records.
    """

    redistributed: float

    @property
    def gained(self) -> tuple[object, ...]:
        """Keys of the groups that gained share beyond chance."""
        return tuple(row.key for row in self if row.verdict == "gained")

    @property
    def lost(self) -> tuple[object, ...]:
        """Keys of the groups that lost share beyond chance."""
        return tuple(row.key for row in self if row.verdict == "lost")


def share_change(
    before: SharesOut,
    after: SharesOut,
    *,
    of: ShareOf = "records",
    confidence_level: float = 0.95,
    lineage: LineageRule = "refuse",
) -> ShareChanges:
    """Which partners' part of the total grew or shrank?

    Parameters
    ----------
    before, after : RegistrationTally or GrantTally
        Counted in the same way; the periods, if known, must not overlap. They may differ in
        length: shares do not depend on it. As-of dates may differ, which the footnote says.
    of : {"records", "successful", "pounds_requested", "pounds_awarded"}, default "records"
        What is shared out; see `partner_shares`.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive), for all differences at once.
    lineage : {"refuse", "ignore"}, default "refuse"
        What to do where tallies made with a partnership count bodies of which one followed
        another between the periods: refuse, so that they are restated first, or compare the
        codes as they are and say so in a note.

    Returns
    -------
    ShareChanges
        A `Table` of `ShareChange`. Where one of the totals is 0, shares and differences are NaN
        and the limits −1 and 1. The total's own difference is NaN: its share is always 1.

    Raises
    ------
    InvalidInputError
        If the periods overlap or are in reverse, the tallies were counted differently, one is
        empty, or work passed from one body to another in between and was not restated.

    Notes
    -----
    With k partners each difference has an interval at 1 − α/k, so that all hold together with
    probability 1 − α (Bonferroni). ``verdict`` says where it leaves 0 out. For whole counts it
    is Miettinen and Nurminen's [1]_; for pounds and parts of records the intervals of both shares
    are squared and added [2]_.

    A partner's change splits into two parts that add up to it exactly: its old share of the
    total's change, and its change of share in the new total. Over all partners growth adds up
    to the total's change and mix to 0: the mix says who, not how much.

    References
    ----------
    .. [1] O. Miettinen and M. Nurminen (1985), Statistics in Medicine 4, 213-226.
    .. [2] G. Y. Zou and A. Donner (2008), Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> report = lhp.annual_report_2023_24()
    >>> change = lhp.share_change(report.spark, report.jro)
    >>> print(change["REN"].difference)
    +20.1 percentage points (+12.5 to +29.7)
    >>> change.gained, change.lost
    (('RBS', 'REN'), ('REM',))
    """
    level = scalar_level(confidence_level)
    of_kind("before", before, (RegistrationTally, GrantTally))
    of_kind("after", after, (RegistrationTally, GrantTally))
    days = _days(before, after)
    passed = lineage_notes(before, after, lineage)
    each, known_on = tuple(said_of_each(before, after)), common_date(before, after)
    before, after = same_groups(before, after)
    old, new = share_basis(before, of), share_basis(after, of)
    first, last = _share(old), _share(new)
    cells = len(after.keys)
    weighted = old.weighted or new.weighted
    method = "square-and-add of ratio-estimator" if weighted else "miettinen-nurminen"
    limits = _weighted_limits if weighted else _count_limits
    low, high = limits(old, new, level)
    some = bool(old.part[-1] and new.part[-1])
    if not some:
        low, high = np.full(cells, -1.0), np.full(cells, 1.0)
    verdict = np.full(cells + 1, None, dtype=object)
    verdict[:-1] = "within chance"
    verdict[:-1][low > 0] = "gained"
    verdict[:-1][high < 0] = "lost"
    nothing = np.nan
    difference = np.append((last - first)[:-1], nothing)
    pace = [basis.part / span for basis, span in zip((old, new), days, strict=True)]
    growth = np.where(old.part[-1] > 0, first, nothing) * (pace[1][-1] - pace[0][-1])
    columns: dict[str, Columns] = {
        "before": old.exact_amounts(),
        "after": new.exact_amounts(),
        "before_share": first,
        "after_share": last,
        "difference": Estimates(
            difference,
            np.append(low, nothing),
            np.append(high, nothing),
            level,
            method,
            "percentage points",
        ),
        "verdict": verdict,
        "growth": growth,
        "mix": pace[1] - pace[0] - growth,
    }
    unit = "per thirty days" if before.period and after.period else "in all"
    family = "1 group" if cells == 1 else f"{cells} groups"
    moved = np.nan if after.overlapping else float(np.abs(difference[:-1]).sum() / 2)
    notes = tuple(dict.fromkeys((*old.notes, *new.notes)))
    return ShareChanges(
        row_type=ShareChange,
        title=f"Change in shares of {new.words} by {' and '.join(after.by)}",
        by=after.by,
        keys=after.keys,
        names=tuple(map(after.name_of, after.keys)),
        columns=columns,
        provenance=attrs.evolve(
            after, notes=tuple(dict.fromkeys((*before.notes, *after.notes)))
        ).provenance(
            "share-change/1",
            periods=spans({"before": before.period, "after": after.period}),
            as_of=known_on,
            basis=of.replace("_", " "),
            method=f"{method}, simultaneous (Bonferroni, {family})",
            confidence_level=level,
            records_in=None,
            records_excluded={},
            notes=(
                *each,
                *notes,
                *passed,
                f"Growth and mix are {unit} and add up to each group's change.",
            ),
        ),
        redistributed=moved,
    )


def _days(before: SharesOut, after: SharesOut) -> tuple[float, float]:
    """Return what growth and mix are per: months of 30 days, or nothing where days are unknown."""
    refuse_disorder(before, after)
    if before.period is None or after.period is None:
        return 1.0, 1.0
    return before.period.days / RATE_PER, after.period.days / RATE_PER


def _share(basis: ShareBasis) -> FloatArray:
    with np.errstate(invalid="ignore"):
        share: FloatArray = basis.part / basis.part[-1]
    return share


def _count_limits(old: ShareBasis, new: ShareBasis, level: float) -> tuple[FloatArray, FloatArray]:
    low, high = difference_interval(
        new.part[:-1],
        new.part[-1],
        old.part[:-1],
        old.part[-1],
        method="miettinen-nurminen",
        confidence_level=1 - (1 - level) / (len(new.part) - 1),
    )
    return low, high


def _weighted_limits(
    old: ShareBasis, new: ShareBasis, level: float
) -> tuple[FloatArray, FloatArray]:
    alone = 1 - (1 - level) / (len(new.part) - 1)
    return difference_by_mover(
        _share(new)[:-1],
        *new.limits_alone(alone),
        _share(old)[:-1],
        *old.limits_alone(alone),
    )
