"""Log-rank test: do survival curves differ by more than chance?"""

import attrs
import numpy as np

from lhp_metrics._checks import of_kind
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.intervals.survival import SurvivalCurve

__all__ = ["LogRankTest", "log_rank_test"]


@attrs.frozen(kw_only=True)
class LogRankTest:
    """Result of `log_rank_test`.

    Parameters
    ----------
    statistic : float
        Chi-squared.
    degrees_of_freedom : int
        Groups that were ever at risk when an event happened, less one.
    p_value : float
        NaN if there is nothing to compare.
    observed, expected : tuple of float
        Events of each group, and those expected if all curves were one.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float
    observed: tuple[float, ...]
    expected: tuple[float, ...]


def log_rank_test(curves: SurvivalCurve) -> LogRankTest:
    """Test that all groups have one survival curve.

    Parameters
    ----------
    curves : SurvivalCurve
        Of two groups or more.

    Returns
    -------
    LogRankTest
        Without events in at least two groups' time at risk the statistic is 0 of 0 degrees of
        freedom and the p-value NaN.

    Raises
    ------
    InvalidInputError
        If there are fewer than two groups.

    Notes
    -----
    At each time the group's share of those at risk is the share of the events that it is
    expected to have; the variance is hypergeometric [1]_ [2]_.

    References
    ----------
    .. [1] N. Mantel (1966), Cancer Chemotherapy Reports 50, 163-170.
    .. [2] R. Peto and J. Peto (1972), J Royal Statistical Society A 135, 185-207.

    Examples
    --------
    >>> from lhp_metrics.intervals import kaplan_meier
    >>> curves = kaplan_meier(
    ...     [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33,
    ...      43, 45],
    ...     [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
    ...     groups=["maintained"] * 11 + ["not"] * 12)
    >>> test = log_rank_test(curves)
    >>> f"{test.statistic:.2f}, p = {test.p_value:.3f}"
    '3.40, p = 0.065'
    """
    of_kind("curves", curves, SurvivalCurve)
    if len(curves.events) < 2:
        raise InvalidInputError("a log-rank test compares two groups or more; got one curve")
    events, waiting = curves.events.astype(np.float64), curves.at_risk.astype(np.float64)
    all_events, all_waiting = events.sum(axis=0), waiting.sum(axis=0)
    share = waiting / all_waiting
    expected = (share * all_events).sum(axis=1)
    rest = np.maximum(all_waiting - 1, 1.0)
    spread = all_events * (all_waiting - all_events) / rest
    covariance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    # Whoever is never at risk has nothing to compare; one of the others follows from the rest.
    compared = np.flatnonzero(np.diag(covariance) > 0)[:-1]
    observed = events.sum(axis=1)
    statistic = 0.0
    if len(compared):
        gap = (observed - expected)[compared]
        statistic = float(gap @ np.linalg.solve(covariance[np.ix_(compared, compared)], gap))
    return LogRankTest(
        statistic=statistic,
        degrees_of_freedom=len(compared),
        p_value=_beyond(statistic, len(compared)),
        observed=tuple(observed.tolist()),
        expected=tuple(expected.tolist()),
    )


def _beyond(statistic: float, degrees: int) -> float:
    if not degrees:
        return float("nan")
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic))
