"""How much registrations vary by chance: as Poisson counts do, or more."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import attrs
import numpy as np

from lhp_metrics._checks import FloatArray, choice
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimates
from lhp_metrics.intervals import (
    RateRatioMethod,
    rate_interval,
    rate_ratio_interval,
    rate_ratio_p_value,
)
from lhp_metrics.intervals.quasi_poisson import (
    quasi_rate_interval,
    quasi_rate_ratio_interval,
    quasi_rate_ratio_p_value,
)
from lhp_metrics.metrics._exposures import Exposures

__all__ = ["Dispersion", "Variation", "variation"]

Dispersion: TypeAlias = Literal["poisson", "quasi"]


def variation(
    method: RateRatioMethod | None, dispersion: Dispersion, found: float, level: float
) -> "Variation":
    """Return what is to be assumed; `found` is the dispersion of the groups' changes."""
    choice("dispersion", dispersion, ("poisson", "quasi"))
    if dispersion == "poisson":
        return Variation(method=method or "mid-p", level=level, factor=None)
    if method not in (None, "score"):
        raise InvalidInputError(
            f"dispersion 'quasi' has only the method 'score', no exact distribution; got {method!r}"
        )
    if not found >= 0:
        raise InvalidInputError(
            "dispersion 'quasi' is estimated from how differently the groups changed: it needs "
            "at least two with registrations, in both periods, that share none"
        )
    return Variation(method="score", level=level, factor=max(1.0, found))


@attrs.frozen(kw_only=True)
class Variation:
    """How much registrations are taken to vary, and the limits and tests that follow from it.

    Parameters
    ----------
    method : str
        As `rate_ratio_interval` takes it.
    level : float
        Confidence level.
    factor : float or None
        Variance as a multiple of a Poisson count's; None for Poisson itself.
    """

    method: RateRatioMethod
    level: float
    factor: float | None

    @property
    def words(self) -> str:
        """The method, for the footnote."""
        if self.factor is None:
            return f"{self.method} for ratios, exact for rates"
        return f"{self.method}, with {self.factor:.2f} times the variance of Poisson counts"

    @property
    def note(self) -> str:
        """What limits and p-values assume."""
        much = "as" if self.factor is None else f"{self.factor:.2f} times as much (in variance) as"
        return (
            f"Limits and p-values take registrations to vary {much} Poisson counts do; two "
            "periods cannot tell a change of pace from a change of definition, a backlog or the "
            "time of year."
        )

    def rate(self, count: FloatArray, exposure: FloatArray, over: Exposures) -> Estimates:
        """Return rates with their limits."""
        if self.factor is None:
            limits = rate_interval(count, exposure, method="exact", confidence_level=self.level)
        else:
            limits = quasi_rate_interval(
                count, exposure, dispersion=self.factor, confidence_level=self.level
            )
        value, low, high = (over.per * rate for rate in (count / exposure, *limits))
        method = "exact" if self.factor is None else self.method
        return Estimates(value, low, high, self.level, method, over.unit)

    def ratio(
        self, first: FloatArray, last: FloatArray, before: FloatArray, after: FloatArray
    ) -> Estimates:
        """Return rate ratios with their limits."""

        def limits(*columns: FloatArray) -> FloatArray:
            if self.factor is None:
                found = rate_ratio_interval(
                    *columns, method=self.method, confidence_level=self.level
                )
            else:
                found = quasi_rate_ratio_interval(
                    *columns, dispersion=self.factor, confidence_level=self.level
                )
            return np.stack([found.low, found.high])

        low, high = _once_each(limits, last, after, first, before)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = (last / after) / (first / before)
        return Estimates(value, low, high, self.level, self.method, "ratio")

    def p_value(self, first: FloatArray, last: FloatArray, over: Exposures) -> FloatArray:
        """Return p-values of "the rates are equal"; NaN for a method without a test."""

        def tests(*columns: FloatArray) -> FloatArray:
            if self.factor is not None:
                return quasi_rate_ratio_p_value(*columns, dispersion=self.factor)
            if self.method == "mover-score":  # Made of two intervals: there is no test behind it.
                return np.full(columns[0].size, np.nan)
            return rate_ratio_p_value(*columns, method=self.method)

        return _once_each(tests, last, over.after, first, over.before)


def _once_each(function: Callable[..., FloatArray], *columns: FloatArray) -> FloatArray:
    """Apply `function` to every distinct row of the columns once: small counts are often alike."""
    distinct, where = np.unique(np.stack(columns), axis=1, return_inverse=True)
    result: FloatArray = function(*distinct)[..., where.reshape(-1)]
    return result
