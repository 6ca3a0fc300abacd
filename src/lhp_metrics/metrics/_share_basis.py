"""What is shared out: counts or pounds per group, with what their intervals need."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, choice, of_kind
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.intervals import (
    ShareMethod,
    proportion_interval,
    share_intervals,
    weighted_share_interval,
)
from lhp_metrics.tallies import GrantTally, RegistrationTally

__all__ = ["ShareBasis", "ShareOf", "SharesOut", "blocks", "scaled", "share_basis"]

SharesOut: TypeAlias = RegistrationTally | GrantTally
ShareOf: TypeAlias = Literal["records", "successful", "pounds_requested", "pounds_awarded"]
OPTIONS = ("records", "successful", "pounds_requested", "pounds_awarded")

Limits: TypeAlias = tuple[FloatArray, FloatArray]


@attrs.frozen(eq=False, kw_only=True)
class ShareBasis:
    """What a tally's groups have of the total: one element per group, the total's at the end.

    Parameters
    ----------
    words : str
        What is shared out, for titles: "studies registered".
    count : ndarray
        Records; fractions of them where they are divided.
    pence : ndarray or None
        Their money, where that is what is shared out.
    part : ndarray of float
        What is shared out: records or pounds.
    squares, shared : ndarray of float
        Second moments, as `weighted_share_interval` takes them.
    overlapping : bool
        Whether the groups add up to more than the total.
    weighted : bool
        Whether parts are something else than whole counts.
    notes : tuple of str
        What a reader has to know.
    """

    words: str
    count: NDArray[Any]
    pence: NDArray[Any] | None
    part: FloatArray
    squares: FloatArray
    shared: FloatArray
    overlapping: bool
    weighted: bool
    notes: tuple[str, ...] = ()

    @property
    def exact(self) -> NDArray[Any]:
        """What is shared out, as integers or fractions."""
        return self.count if self.pence is None else self.pence

    def exact_amounts(self) -> NDArray[Any]:
        """Return what is shared out: counts, or pounds as `Decimal` or `Fraction`."""
        if self.pence is None:
            return self.count
        pounds = np.empty(len(self.pence), dtype=object)
        pounds[:] = [_exact_pounds(value) for value in self.pence]
        return pounds

    @property
    def method(self) -> str | None:
        """How intervals are made where that is not a matter of choice."""
        if self.weighted:
            return "ratio-estimator"
        return "wilson" if self.overlapping else None

    def limits(
        self, method: ShareMethod, level: float, rows: NDArray[np.intp], cells: int
    ) -> Limits:
        """Return the limits of the shares of some groups in what they have together.

        `cells` is how many groups there could be: those without a row have nothing here. Groups
        that overlap have their shares in the tally's total, and intervals one by one.
        """
        part = self.part[rows]
        if self.weighted:
            if method != "goodman":
                raise InvalidInputError(
                    f"method {method!r} is for whole counts; parts of records and pounds have "
                    "intervals of the ratio estimator"
                )
            if cells == 1 and not self.overlapping:  # The whole is sure, if there is any.
                return np.array([float(part[0] > 0)]), np.ones(1)
            return self._ratio_limits(rows, level, 1 if self.overlapping else cells)
        if self.overlapping:
            low, high = proportion_interval(part, self.part[-1], confidence_level=level)
        else:
            every = np.append(part, np.zeros(cells - len(rows)))
            low, high = share_intervals(every, method=method, confidence_level=level)
        return low[: len(rows)], high[: len(rows)]

    def limits_alone(self, level: float) -> Limits:
        """Return the ratio estimator's limits of all groups' shares, each for itself."""
        return self._ratio_limits(np.arange(len(self.part) - 1, dtype=np.intp), level, 1)

    def _ratio_limits(self, rows: NDArray[np.intp], level: float, comparisons: int) -> Limits:
        total, squares = self.part[-1], self.squares[-1]
        if not self.overlapping:
            total = self.part[rows].sum()
            squares = (self.squares[rows] + self.shared[rows]).sum()
        low, high = weighted_share_interval(
            self.part[rows],
            total,
            self.squares[rows],
            squares,
            shared=self.shared[rows],
            comparisons=comparisons,
            confidence_level=level,
        )
        return low, high


def share_basis(tally: SharesOut, of: ShareOf) -> ShareBasis:
    """Return what `of` names in a tally, or refuse what the tally does not have."""
    of_kind("tally", tally, (RegistrationTally, GrantTally))
    choice("of", of, OPTIONS)
    if not tally.by:
        raise InvalidInputError("shares need a tally by partner; this one has only a total")
    if not tally.keys:
        excluded = f": all {tally.rows_in:,} were excluded" if tally.rows_in else ""
        raise InvalidInputError(f"the tally is empty, it counts no records{excluded}")
    if isinstance(tally, RegistrationTally):
        if of != "records":
            raise InvalidInputError(f"registrations have no {of!r}; only of='records'")
        return _counts(tally, "studies registered", tally.columns["registrations"], "registrations")
    if of in ("successful", "pounds_awarded") and tally.columns["undisclosed"].any():
        raise InvalidInputError(f"of={of!r} needs the split of decisions, not published here")
    if of == "records":
        return _counts(tally, "applications", tally.submitted, "submitted")
    if of == "successful":
        won = tally.columns["successful"]
        return _counts(tally, "successful applications", won, "successful")
    return _pounds(tally, of)


def _counts(tally: SharesOut, words: str, count: NDArray[Any], name: str) -> ShareBasis:
    part = count.astype(np.float64)
    shared = _shared(tally, name)
    return ShareBasis(
        words=words,
        count=count,
        pence=None,
        part=part,
        squares=np.maximum(part - shared, 0.0),
        shared=shared,
        overlapping=tally.overlapping,
        weighted=tally.is_fractional,
    )


def _pounds(tally: GrantTally, of: ShareOf) -> ShareBasis:
    name = of.removeprefix("pounds_")
    applications = tally.submitted if name == "requested" else tally.columns["successful"]
    without = tally.columns["without_requested" if name == "requested" else "without_award"]
    whole = "applications" if name == "requested" else "successful applications"
    if applications[-1] and without[-1] == applications[-1]:
        raise InvalidInputError(
            f"of={of!r} needs amounts, but none of the {applications[-1]:,} {whole} states "
            f"amount_{name}"
        )
    pence = tally.columns[f"{name}_pence"]
    notes: tuple[str, ...] = ()
    if without[-1]:
        notes = (
            f"{without[-1]:,} of {applications[-1]:,} {whole} state no amount {name}: "
            "they have no part in the pounds.",
        )
    return ShareBasis(
        words=f"pounds {name}",
        count=applications - without,
        pence=pence,
        part=pence.astype(np.float64) / 100,
        squares=tally.columns[f"{name}_squared"],
        shared=_shared(tally, name),
        overlapping=tally.overlapping,
        weighted=True,
        notes=notes,
    )


def _shared(tally: SharesOut, name: str) -> FloatArray:
    return tally.columns.get(f"{name}_shared", np.zeros(len(tally.keys) + 1))


def scaled(values: NDArray[Any]) -> FloatArray:
    """Return integers or fractions as whole multiples of one unit, so that ties stay ties."""
    from math import lcm

    if values.dtype != object:
        return values.astype(np.float64)
    unit = lcm(*(Fraction(value).denominator for value in values))
    return np.array([int(value * unit) for value in values], dtype=np.float64)


def blocks(tally: SharesOut, within: str | None) -> Iterator[tuple[NDArray[np.intp], int]]:
    """Yield the places of groups whose shares add up to 1, and how many there could be."""
    if within is None:
        yield np.arange(len(tally.keys), dtype=np.intp), len(tally.keys)
        return
    if within not in tally.by or len(tally.by) < 2:
        raise InvalidInputError(
            f"within={within!r} needs a tally by {within!r} and something else; this one is by "
            f"{', '.join(map(repr, tally.by))}"
        )
    if tally.overlapping:
        raise InvalidInputError(
            f"within={within!r} needs groups that add up, but these share records: how many "
            f"records each {within} has is not in the tally; count one {within} at a time"
        )
    place = tally.by.index(within)
    parts: dict[object, list[int]] = {}
    others: set[object] = set()
    for index, key in enumerate(tally.keys):
        if isinstance(key, tuple):
            parts.setdefault(key[place], []).append(index)
            others.add((*key[:place], *key[place + 1 :]))
    for rows in parts.values():
        yield np.array(rows, dtype=np.intp), len(others)


def _exact_pounds(pence: int | Fraction) -> Decimal | Fraction:
    # Parts of records may add up to whole pence.
    return Decimal(int(pence)) / 100 if pence == int(pence) else Fraction(pence) / 100
