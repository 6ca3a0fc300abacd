"""Forecasts: how many of the pending will succeed, and how many decisions does a rate need?"""

import math
from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, choice, numbers, refuse_where, scalar_level
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals._frame import two_sided_quantile
from lhp_metrics.metrics._outcomes import Outcomes, as_grant_tally, hidden_note, outcomes, quotient
from lhp_metrics.results import Row, Table, column
from lhp_metrics.tallies import GrantTally, OutcomeCounts, is_unstated, stated

__all__ = ["Prior", "SuccessForecast", "decisions_needed", "forecast_successes"]

Prior: TypeAlias = Literal["jeffreys", "others"]

ASSUMPTION = "each pending application succeeds with the chance that the decided ones had"
METHOD = "beta-binomial prediction"
BLOCK = 1 << 18  # Probabilities worked on at once, to stay within the cache.


@attrs.frozen(kw_only=True)
class SuccessForecast(Row):
    """How many of the pending applications will succeed, if they are like the decided ones.

    `expected` is the mean number of the pending that succeed. `final_successful` and
    `final_rate` are the cohort's number of successes and its success rate once nothing is
    pending: the median, with its prediction interval, not a confidence interval. All are NaN
    where the split of the decisions is not published, or nobody stated how many are pending.

    The chance of success has the prior Beta(`prior_a`, `prior_b`), which `prior` names;
    `assumption` says what the forecast rests on.
    """

    successful: int | None = column("Successful", whole=True, optional=True)
    decided: int = column("Decided", whole=True)
    pending: int | None = column("Pending", whole=True, optional=True)
    expected: float = column("Expected of the pending", spec=".1f")
    final_successful: Estimate = column("Successful in the end", spec=".0f")
    final_rate: Estimate = column("Success rate in the end")
    prior: str = column("Prior")
    prior_a: float = column("")
    prior_b: float = column("")
    assumption: str = column("")

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._grant_sentences import say_forecast

        return say_forecast(self)

    @property
    def probabilities(self) -> NDArray[np.float64] | None:
        """Chance that 0, 1, … of the pending succeed; None where there is no forecast."""
        if self.successful is None or self.pending is None:
            return None
        a = np.array([self.prior_a + self.successful])
        b = np.array([self.prior_b + self.decided - self.successful])
        chances: NDArray[np.float64] = _probabilities(a, b, np.array([float(self.pending)]))[0]
        return chances


def forecast_successes(
    tally: GrantTally | OutcomeCounts,
    *,
    prior: Prior = "jeffreys",
    confidence_level: float = 0.95,
) -> Table[SuccessForecast]:
    """How many of the pending will succeed, if they succeed like the decided?

    Parameters
    ----------
    tally : GrantTally or OutcomeCounts
        Applications by outcome.
    prior : {"jeffreys", "others"}, default "jeffreys"
        What is taken to be known before the group's own decisions: Beta(½, ½), or how the other
        groups' rates lie and scatter.
    confidence_level : float, default 0.95
        Chance with which the prediction intervals hold, a fraction between 0 and 1 (exclusive).

    Returns
    -------
    Table of SuccessForecast
        Where the split of the decisions is not published there is no forecast: NaN, with the
        limits of what is possible. A row's `probabilities` has the chance of every number.

    Raises
    ------
    InvalidInputError
        If the tally counts parts of applications; or, with "others", if groups share
        applications.

    Notes
    -----
    Given the decided, the number of successes among the pending is beta-binomial [1]_. Its
    interval is wider than a binomial one because the chance itself is uncertain. The assumption
    fails where one outcome takes longer than the other: then compare with the bounds of
    `success_rates`, which assume nothing.

    With "others" the prior has the other groups' pooled rate (with half a success and half a
    failure added), and as much weight as their scatter allows, by the analysis-of-variance
    estimate of the intraclass correlation [2]_: groups that differ no more than chance would have
    it weigh with all their decisions. With fewer than two other groups it is Jeffreys' again, as
    for the total.

    References
    ----------
    .. [1] A. Gelman and others (2013), Bayesian Data Analysis, 3rd edition, section 2.4 and
       appendix A.
    .. [2] M. S. Ridout, C. G. B. Demétrio and D. Firth (1999), Biometrics 55, 137-148.

    Examples
    --------
    >>> from lhp_metrics import OutcomeCounts, forecast_successes
    >>> row = forecast_successes(OutcomeCounts(successful=12, unsuccessful=20, pending=5)).total
    >>> print(f"{row.final_successful:.0f}; {row.final_rate}")
    14 (12 to 16); 37.8% (32.4% to 43.2%)
    >>> row.probabilities.round(2)
    array([0.11, 0.28, 0.32, 0.21, 0.07, 0.01])
    """
    choice("prior", prior, ("jeffreys", "others"))
    level = scalar_level(confidence_level)
    tally = as_grant_tally("tally", tally, "forecasts")
    found = outcomes(tally.columns, "decided")
    half = np.full(len(found.trials), 0.5)
    a, b, enough = half, half, np.zeros(len(half), dtype=np.bool_)
    if prior == "others":
        if tally.overlapping:
            raise InvalidInputError(
                "groups of this tally share applications, so a group's own may stand among the "
                "others': use prior='jeffreys', or count with 'lead'"
            )
        a, b, enough = _others_prior(found)
    won, lost, pending = found.successes, found.trials - found.successes, found.pending
    open_stated = ~is_unstated(tally.columns, "pending")
    tail = (1 - level) / 2
    first, middle, last = _quantiles(a + won, b + lost, pending, (tail, 0.5, 1 - tail))
    expected = np.where(found.settled, pending * (a + won) / (a + b + found.trials), np.nan)
    final = tally.decided + pending
    low = np.where(found.settled, won + first, won)
    high = np.where(found.settled, won + last, np.where(open_stated, final, np.inf))
    median = np.where(found.settled, won + middle, np.nan)
    return tally.as_table(
        SuccessForecast,
        "Forecast of grant applications",
        {
            "successful": np.where(found.known, won, np.nan),
            "decided": tally.decided,
            "pending": stated(tally.columns, "pending").astype(np.float64),
            "expected": expected,
            "final_successful": Estimates(median, low, high, level, METHOD, "applications"),
            "final_rate": Estimates(
                quotient(median, final),
                np.nan_to_num(np.where(found.settled, quotient(low, final), 0.0), nan=0.0),
                np.nan_to_num(np.where(found.settled, quotient(high, final), 1.0), nan=1.0),
                level,
                METHOD,
                "proportion",
            ),
            "prior": np.where(enough, "others", "jeffreys").astype(object),
            "prior_a": a,
            "prior_b": b,
            "assumption": np.full(len(a), ASSUMPTION, dtype=object),
        },
        provenance=tally.provenance(
            "success-forecast/1",
            basis="applications with a decision, and the pending",
            method=f"prediction intervals, beta-binomial with prior {prior}",
            confidence_level=level,
            notes=(f"Assumed: {ASSUMPTION}.", *hidden_note(tally)),
        ),
    )


def _others_prior(found: Outcomes) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Return the prior of each group from all others; Jeffreys' where there are too few."""
    n, won = found.trials[:-1], found.successes[:-1]
    rate = np.nan_to_num(found.rate[:-1])
    # Sums over the other groups: of all groups, less the own term.
    groups, total, success, between, sizes = (
        values.sum() - values for values in ((n > 0) * 1.0, n, won, won * rate, n * n)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_between = (between - success**2 / total) / (groups - 1)
        mean_within = (success - between) / (total - groups)
        size = (total - sizes / total) / (groups - 1)
        correlation = (mean_between - mean_within) / (mean_between + (size - 1) * mean_within)
        weight = 1 / correlation - 1
    # The others cannot know more than all their decisions, nor less than one.
    weight = np.where(correlation > 0, np.clip(weight, 1.0, np.maximum(total, 1.0)), total)
    enough = (groups >= 2) & (total > groups)
    middle = (success + 0.5) / (total + 1)
    a, b = (np.where(enough, weight * part, 0.5) for part in (middle, 1 - middle))
    return np.append(a, 0.5), np.append(b, 0.5), np.append(enough, False)


def _quantiles(
    a: FloatArray, b: FloatArray, pending: FloatArray, chances: tuple[float, ...]
) -> FloatArray:
    """Return, for each of `chances`, the least number that is not exceeded with that chance."""
    found = np.zeros((len(chances), len(pending)))
    for rows in _blocks(pending):
        below = np.cumsum(_probabilities(a[rows], b[rows], pending[rows]), axis=1)
        for quantile, chance in zip(found, chances, strict=True):
            # Rounding may leave the whole a little under its chance.
            quantile[rows] = np.minimum((below < chance).sum(axis=1), pending[rows])
    return found


def _blocks(pending: FloatArray) -> Iterator[NDArray[np.intp]]:
    """Yield groups of about the same number pending, as many as fit into one block."""
    order = np.argsort(-pending, kind="stable")
    start = 0
    while start < len(order):
        most = int(pending[order[start]]) + 1
        stop = start + max(BLOCK // most, 1)
        yield order[start:stop]
        start = stop


def _probabilities(a: FloatArray, b: FloatArray, pending: FloatArray) -> FloatArray:
    """Return the chance of each number of successes among the pending, one row per group.

    Rows have the width of the largest; beyond a group's own number there is nothing.
    """
    from scipy.special import betaln

    a, b, m = (values[:, np.newaxis] for values in (a, b, pending))
    k = np.arange(int(pending.max(initial=0.0)))
    left = np.maximum(m - k, 0.0)
    # From each number to the next; from a group's last one on there is nothing left.
    with np.errstate(divide="ignore"):
        steps = np.log(left * (a + k) / ((k + 1) * np.maximum(b + left - 1, b)))
    logs = np.cumsum(np.hstack([betaln(a, b + m) - betaln(a, b), steps]), axis=1)
    chances: FloatArray = np.exp(logs)
    return chances


def decisions_needed(
    half_width: float, expected_rate: float = 0.5, *, confidence_level: float = 0.95
) -> int:
    """How many decisions until the rate is known to, say, ± 10 percentage points?

    Parameters
    ----------
    half_width : float
        Half the width that the rate's interval may have: 0.1 for 10 percentage points.
    expected_rate : float, default 0.5
        The rate that you expect, a fraction; one half needs the most decisions.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    int
        The least number at which Wilson's interval around `expected_rate` is no wider.

    Raises
    ------
    InvalidInputError
        If `half_width` is not between 0 and 0.5 or `expected_rate` not between 0 and 1.

    References
    ----------
    .. [1] W. W. Piegorsch (2004), Computational Statistics & Data Analysis 46, 309-316.

    Examples
    --------
    >>> from lhp_metrics import decisions_needed
    >>> decisions_needed(0.1, 0.2)
    60
    """
    level = scalar_level(confidence_level)
    width, rate = _one_number("half_width", half_width), _one_number("expected_rate", expected_rate)
    refuse_where(
        ~((width >= 1e-6) & (width < 0.5)),
        width,
        "half_width",
        "must be from 0.000001 to below 0.5",
    )
    refuse_where(~((rate >= 0) & (rate <= 1)), rate, "expected_rate", "must be between 0 and 1")
    z2 = two_sided_quantile(level) ** 2
    # Wilson's half-width h solves h² (n + z²)² = z² (p q n + z² / 4).
    spread = float(rate * (1 - rate))
    halved = z2 * (spread / (2 * float(width) ** 2) - 1)
    root = math.sqrt(halved**2 - z2 * z2 * (1 - 1 / (4 * float(width) ** 2)))
    return max(math.ceil(halved + root - 1e-9), 1)


def _one_number(name: str, value: float) -> FloatArray:
    array = numbers(name, value)
    if array.ndim:
        raise InvalidInputError(f"{name} must be one number; got shape {array.shape}")
    return array
