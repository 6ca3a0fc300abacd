"""Did all groups change alike between two periods?"""

import math

import attrs
import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import same_when_nan
from lhp_metrics.metrics._exposures import Exposures

__all__ = ["Heterogeneity", "heterogeneity_of"]


@attrs.frozen
class Heterogeneity:
    """Whether the partners changed alike: the conditional chi-squared test.

    Parameters
    ----------
    statistic : float
        Pearson's chi-squared of the partners' counts given each partner's total of both
        periods; NaN where nothing was registered in one of the periods.
    degrees_of_freedom : int
        Number of partners with registrations, less one.
    p_value : float
        Chance of a statistic at least as large if all partners had one rate ratio.
    """

    statistic: float = attrs.field(eq=same_when_nan)
    degrees_of_freedom: int
    p_value: float = attrs.field(eq=same_when_nan)

    @property
    def dispersion(self) -> float:
        """The statistic per degree of freedom."""
        return self.statistic / self.degrees_of_freedom if self.degrees_of_freedom else math.nan


def heterogeneity_of(first: FloatArray, last: FloatArray, over: Exposures) -> Heterogeneity:
    """Return the test of one common ratio; the last elements are the totals."""
    from scipy.special import expit, gammaincc, logit

    both = (first + last)[:-1]
    seen = both > 0
    first, last, both = first[:-1][seen], last[:-1][seen], both[seen]
    degrees = max(len(both) - 1, 0)
    if not degrees or not first.any() or not last.any():
        return Heterogeneity(math.nan, degrees, math.nan)
    # Under one common ratio the later count is binomial; its log odds are the exposures' plus
    # the log of that ratio, which lies between those that the groups' exposures allow.
    offset = np.log(over.after / over.before)[:-1][seen]
    centre = logit(last.sum() / both.sum())
    low, high = centre - offset.max(), centre - offset.min()
    if low < high:
        from scipy.optimize import brentq

        low = brentq(lambda log: float((both * expit(log + offset) - last).sum()), low, high)
    part = expit(low + offset)
    statistic = float(((last - both * part) ** 2 / (both * part * (1 - part))).sum())
    p_value = float(gammaincc(degrees / 2, statistic / 2))
    return Heterogeneity(statistic, degrees, p_value)
