"""Concentration: how even is the partnership?"""

from functools import partial
from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, of_kind, scalar_level
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate
from lhp_metrics.metrics._share_basis import ShareOf, SharesOut, share_basis
from lhp_metrics.results import Row, column
from lhp_metrics.results.rows import TOTAL

__all__ = ["Concentration", "concentration"]

STEPS = 14  # Halvings of the range of unevenness: the limits are within a ten-thousandth of it.


@attrs.frozen(kw_only=True)
class Concentration(Row):
    """How unevenly a total divides among groups, in three numbers.

    Parameters
    ----------
    groups, count : int
        Number of groups, those with nothing included, and of records.
    herfindahl_hirschman : Estimate
        Sum of the squared shares: the chance that two records, drawn with replacement, are one
        group's. From 1 / groups (even) to 1 (all with one).
    effective_partners : Estimate
        Its inverse: as many equal partners would be as even. From 1 to `groups`.
    gini : Estimate
        From 0 (even) to 1 − 1 / groups (all with one).
    """

    never_suppressed: ClassVar[str] = "it is of all groups together, and stands in no table"

    groups: int = column("Groups")
    count: int = column("Count")
    herfindahl_hirschman: Estimate = column("Herfindahl–Hirschman index", spec=".3f")
    effective_partners: Estimate = column("Effective partners", spec=".1f")
    gini: Estimate = column("Gini coefficient", spec=".3f")

    def __str__(self) -> str:
        return "\n".join(
            (
                f"Concentration of {self.count:,} records in {self.groups:,} groups",
                "",
                f"Herfindahl–Hirschman index  {self.herfindahl_hirschman:.3f}",
                f"Effective partners          {self.effective_partners:.1f}",
                f"Gini coefficient            {self.gini:.3f}",
                "",
                self.provenance.footnote(),
            )
        )

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._count_sentences import say_concentration

        return say_concentration(self)


def concentration(
    tally: SharesOut,
    *,
    of: ShareOf = "records",
    confidence_level: float = 0.95,
    resamples: int = 4000,
    seed: int = 0,
) -> Concentration:
    """How even is the partnership?

    Parameters
    ----------
    tally : RegistrationTally or GrantTally
        Whole counts per group; a partner with none that belongs to the partnership is a key
        with 0.
    of : {"records", "successful"}, default "records"
        What is shared out; see `partner_shares`.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive), for each of the three numbers alone.
    resamples : int, default 4000
        Number of tables drawn for each step towards a limit.
    seed : int, default 0
        Start of the random numbers: the same seed gives the same limits.

    Returns
    -------
    Concentration
        Of nothing, the values are NaN and the intervals everything possible.

    Raises
    ------
    InvalidInputError
        If groups share records, records are divided or pounds are asked for, the tally is
        empty, `resamples` is below 100, or `seed` is negative.

    Notes
    -----
    A sample is always more uneven than what it was drawn from: even an even partnership has
    uneven counts. A plain bootstrap adds that bias a second time, and its limits never cover
    evenness. Here the bias is corrected in full, by inverting the parametric bootstrap [1]_:
    partnerships from even to all-with-one are tried, with the observed order and the logarithms
    of the shares (½ added to each count) stretched by one factor; the limits are those from
    which a table at least, or at most, as uneven as the observed one is drawn with probability
    α/2. Counts that are more even than those of an even partnership usually are get the upper
    limit of the usual ones. The value itself is the observed one.

    References
    ----------
    .. [1] T. J. DiCiccio and J. P. Romano (1990), International Statistical Review 58, 59-76.
    .. [2] M. A. Adelman (1969), Review of Economics and Statistics 51, 99-101: the effective
       number.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> found = lhp.concentration(lhp.annual_report_2023_24().jro)
    >>> print(f"{found.effective_partners:.1f} of {found.groups}")
    3.8 (3.3 to 4.5) of 6
    """
    level = scalar_level(confidence_level)
    of_kind("resamples", resamples, int)
    of_kind("seed", seed, int)
    if resamples < 100:
        raise InvalidInputError(f"resamples must be at least 100; got {resamples}")
    if seed < 0:
        raise InvalidInputError(f"seed must be at least 0; got {seed}")
    basis = share_basis(tally, of)
    if basis.pence is not None or basis.weighted or basis.overlapping:
        what = "pounds" if basis.pence is not None else "records that groups divide or share"
        raise InvalidInputError(
            f"concentration needs whole records that each stand in one group; got {what}"
        )
    counts = basis.count[:-1].astype(np.int64)
    method = "inverted-bootstrap"
    shares = counts / max(counts.sum(), 1)
    low, high = _limits(counts, level, resamples, seed)
    index = partial(Estimate, confidence_level=level, method=method, unit="index")
    some = counts.any()
    value = float(_herfindahl(shares)) if some else np.nan
    return Concentration(
        key=TOTAL,
        name=TOTAL,
        groups=len(counts),
        count=int(counts.sum()),
        herfindahl_hirschman=index(value, low[0], high[0]),
        effective_partners=Estimate(
            1 / value, 1 / high[0], 1 / low[0], level, method, "effective partners"
        ),
        gini=index(float(_gini(shares)) if some else np.nan, low[1], high[1]),
        provenance=tally.provenance(
            "concentration/1",
            basis=of,
            method=f"parametric bootstrap, bias-corrected by inversion "
            f"({resamples:,} resamples, seed {seed})",
            confidence_level=level,
        ),
    )


def _herfindahl(shares: FloatArray) -> FloatArray:
    result: FloatArray = (shares * shares).sum(axis=-1)
    return result


def _gini(shares: FloatArray) -> FloatArray:
    groups = shares.shape[-1]
    weight = 2 * np.arange(1, groups + 1) - groups - 1
    result: FloatArray = (weight * np.sort(shares, axis=-1)).sum(axis=-1) / groups
    return result


def _limits(
    counts: NDArray[np.int64], level: float, resamples: int, seed: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return lower and upper limits of the two indices."""
    groups, records = len(counts), int(counts.sum())
    least, most = np.array([1 / groups, 0.0]), np.array([1.0, 1 - 1 / groups])
    if not records or groups == 1:
        return _pair(least), _pair(most)
    rng = np.random.default_rng(seed)
    slope = _slope(counts, records)
    values = np.stack([_herfindahl(counts / records), _gini(counts / records)])
    even = rng.multinomial(records, np.full(groups, 1 / groups), size=resamples) / records
    usual = np.median([_herfindahl(even), _gini(even)], axis=1)
    # Counts more even than an even partnership's usually are would leave no upper limit.
    observed = np.stack([values, np.maximum(values, usual)], axis=1)  # index × side
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    start, end = np.zeros((2, 2)), np.ones((2, 2))
    for _ in range(STEPS):
        middle = (start + end) / 2
        drawn = rng.multinomial(records, _stretched(slope, middle), size=(resamples, 2, 2))
        found = np.stack([_herfindahl(drawn[:, 0] / records), _gini(drawn[:, 1] / records)], axis=1)
        tie = np.abs(found - observed) <= 1e-12
        reach = ((found > observed) & ~tie).mean(axis=0) + tie.mean(axis=0) / 2
        more = reach < tails
        start, end = np.where(more, middle, start), np.where(more, end, middle)
    shares = _stretched(slope, (start + end) / 2)
    limits = np.stack([_herfindahl(shares[0]), _gini(shares[1])])
    # A limit never left its edge: evenness is not excluded. At the other all is with one.
    limits = np.where(start == 0, least[:, np.newaxis], limits)
    return _pair(np.minimum(limits[:, 0], values)), _pair(np.maximum(limits[:, 1], values))


def _pair(values: FloatArray) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _slope(counts: NDArray[np.int64], records: int) -> FloatArray:
    """Return logarithms of shares, the largest 0; equal counts are spread as chance would."""
    groups = len(counts)
    spread = np.log(np.sort(counts) + 0.5) + np.linspace(-0.5, 0.5, groups) * np.sqrt(
        groups / records
    )
    result: FloatArray = spread - spread.max()
    return result


def _stretched(slope: FloatArray, place: FloatArray) -> FloatArray:
    """Return shares from even (place 0) to all with one (place 1); observed ones at a half."""
    factor = place / np.maximum(1 - place, 1e-12)
    weights = np.exp(factor[..., np.newaxis] * slope)
    result: FloatArray = weights / weights.sum(axis=-1, keepdims=True)
    return result
