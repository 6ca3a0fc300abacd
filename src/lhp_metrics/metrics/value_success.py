"""Success by value: of the pounds decided on, what part was won?"""

from collections.abc import Mapping
from itertools import compress, product
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, choice, of_kind, scalar_level
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals._frame import two_sided_quantile
from lhp_metrics.metrics._outcomes import quotient
from lhp_metrics.results import Row, Table, column
from lhp_metrics.results.columns import PENCE
from lhp_metrics.tallies import GrantTally, is_unstated

__all__ = ["ValueMethod", "ValueSuccessRate", "value_success_rate", "value_success_rates"]

ValueMethod: TypeAlias = Literal["logit-linearisation", "linearisation"]

FEW = 5
MOST_OF_IT = 0.5


@attrs.frozen(kw_only=True)
class ValueSuccessRate(Row):
    """A success rate by value, with the sums it came from, exact in pence.

    `rate` is the part of the pounds requested in decided applications that stood in successful
    ones, over the `decided` applications whose request is known; `without_amount` were decided
    too. `if_pending_all_fail` and `if_pending_all_succeed` bound the rate that there will be once
    nothing is pending.

    `awarded_rate` is the pounds awarded per pound requested in the same applications; an award
    may exceed its request, so it may exceed 1. It leaves out the `without_award` successes of
    which the award is not known.

    `effective_decisions` is Kish's effective number of applications: how many of equal size would
    say as much. `largest_part` is the largest request's part of the pounds decided on, and
    `caution` says where few decisions, or one of them, make the whole rate.
    """

    decided: int | float = column("Decided with amount")
    without_amount: int | float = column("Without amount", detail=True)
    requested_pence: int = column("Requested and decided, £", spec=PENCE)
    won_pence: int = column("Of that in successful, £", spec=PENCE)
    pending_pence: int = column("Pending, £", spec=PENCE)
    rate: Estimate = column("Success rate by value")
    if_pending_all_fail: float = column("If pending all fail", spec=".1%")
    if_pending_all_succeed: float = column("If pending all succeed", spec=".1%")
    awarded_pence: int = column("Awarded, £", spec=PENCE, detail=True)
    awarded_rate: Estimate = column("Awarded of requested", detail=True)
    without_award: int | float = column("")
    effective_decisions: float = column("Effective decisions", spec=".1f", detail=True)
    largest_part: float = column("Largest part", spec=".0%", detail=True)
    caution: str | None = column("Caution", optional=True)

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._grant_sentences import say_value_success

        return say_value_success(self)


def value_success_rate(
    tally: GrantTally,
    *,
    method: ValueMethod = "logit-linearisation",
    confidence_level: float = 0.95,
) -> ValueSuccessRate:
    """Of the pounds decided on, what part was won, all groups together?

    Parameters
    ----------
    tally : GrantTally
        Counted from records with amounts.
    method, confidence_level
        As for `value_success_rates`.

    Returns
    -------
    ValueSuccessRate

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> grants = [
    ...     lhp.Grant(reference=n, submitted_on="2023-05-01", outcome=outcome, amount_requested=p)
    ...     for n, (outcome, p) in enumerate([
    ...         ("successful", 250_000), ("unsuccessful", 1_200_000), ("successful", 40_000),
    ...         ("unsuccessful", 85_000), ("successful", 600_000), ("unsuccessful", 150_000)])
    ... ]
    >>> row = lhp.value_success_rate(lhp.tally_grants(grants))
    >>> row.won_pence, row.caution
    (89000000, 'one grant is over half of the pounds')
    >>> print(row.rate)
    38.3% (0.2% to 99.5%)
    """
    return value_success_rates(tally, method=method, confidence_level=confidence_level).total


def value_success_rates(
    tally: GrantTally,
    *,
    method: ValueMethod = "logit-linearisation",
    confidence_level: float = 0.95,
) -> Table[ValueSuccessRate]:
    """Of the pounds decided on, what part was won, per group and in total?

    Parameters
    ----------
    tally : GrantTally
        Counted from records with amounts; figures from counts alone have none.
    method : {"logit-linearisation", "linearisation"}, default "logit-linearisation"
        Interval for the ratio of two sums; see Notes.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    Table of ValueSuccessRate
        A group without a decided amount has the rate NaN with the interval (0, 1), printed as
        "–"; with nothing awarded, `awarded_rate` has no upper limit.

    Notes
    -----
    The rate is a ratio of two sums over applications, which are taken as independent; its
    variance is that of the linearised ratio [1]_. ``"linearisation"`` adds and subtracts normal
    quantiles: it leaves [0, 1] at a dozen grants and has width 0 where all or none were won.
    ``"logit-linearisation"`` does so on the logit scale, and takes the quantile of Student's t
    with one degree of freedom less than the effective number of decisions [2]_, since a few
    large grants say no more than few grants. Where all or none of the pounds were won it is
    Clopper and Pearson's interval for that effective number. `awarded_rate` has the same on the
    log scale, since it is not bounded by 1.

    Sums are exact to the penny. Where applications count in parts, so do their pounds; the
    effective number then also stands for the number of decisions in the variance.

    References
    ----------
    .. [1] W. G. Cochran (1977), Sampling Techniques, 3rd edition, section 6.4.
    .. [2] L. Kish (1965), Survey Sampling, section 11.7.
    .. [3] E. L. Korn and B. I. Graubard (1998), Survey Methodology 24, 193-201.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> grants = [
    ...     lhp.Grant(reference="G1", submitted_on="2023-05-01", outcome="successful",
    ...               amount_requested="£1,200.50", amount_awarded="£1,000", funder="NIHR"),
    ...     lhp.Grant(reference="G2", submitted_on="2023-05-01", outcome="unsuccessful",
    ...               amount_requested="£1,200.50", funder="NIHR"),
    ... ]
    >>> row = lhp.value_success_rates(lhp.tally_grants(grants, by="funder"))["NIHR"]
    >>> row.requested_pence, row.rate.value, row.effective_decisions
    (240100, 0.5, 2.0)
    """
    of_kind("tally", tally, GrantTally)
    choice("method", method, ("logit-linearisation", "linearisation"))
    level = scalar_level(confidence_level)
    part = tally.columns
    stated = tally.decided - part["without_amount"]
    won, pending, asked = (
        part[f"requested_{name}_pence"].astype(np.float64)
        for name in ("successful", "pending", "decided")
    )
    # Where nobody states how many are pending, the bounds are as unknown as they are.
    in_the_end = np.where(is_unstated(part, "pending"), np.nan, asked + pending)
    lost = (part["requested_decided_pence"] - part["requested_successful_pence"]).astype(np.float64)
    won_squared, lost_squared = (
        part[f"requested_{name}_squared"] for name in ("successful", "unsuccessful")
    )
    rate = _ratio(
        won,
        asked,
        # The residual of an application is (1 - R) x if it was won, and -R x if not; 1 - R is
        # the other ratio, so that nothing cancels near either end.
        won_squared * quotient(lost, asked) ** 2 + lost_squared * quotient(won, asked) ** 2,
        won_squared + lost_squared,
        None if tally.is_fractional else stated,
    )
    paired_got, paired_asked = (
        part[f"paired_{name}_pence"].astype(np.float64) for name in ("awarded", "requested")
    )
    got = quotient(paired_got, paired_asked)
    awarded = _ratio(
        paired_got,
        paired_asked,
        part["paired_awarded_squared"]
        - 2 * got * part["paired_awarded_times_requested"]
        + got**2 * part["paired_requested_squared"],
        part["paired_requested_squared"],
        None if tally.is_fractional else part["paired"],
    )
    largest = quotient(part["largest_requested_decided_pence"].astype(np.float64), asked)
    return tally.as_table(
        ValueSuccessRate,
        "Success rates of grant applications by value",
        {
            "decided": stated,
            "without_amount": part["without_amount"],
            "requested_pence": part["requested_decided_pence"],
            "won_pence": part["requested_successful_pence"],
            "pending_pence": part["requested_pending_pence"],
            "rate": Estimates(
                rate.value, *_limits(rate, method, level), level, method, "proportion"
            ),
            "if_pending_all_fail": quotient(won, in_the_end),
            "if_pending_all_succeed": quotient(won + pending, in_the_end),
            "awarded_pence": part["awarded_pence"],
            "awarded_rate": Estimates(
                awarded.value,
                *_open_limits(awarded, method, level),
                level,
                method.replace("logit", "log"),
                "proportion",
            ),
            "without_award": part["without_award"],
            "effective_decisions": rate.effective,
            "largest_part": largest,
            "caution": _cautions(stated.astype(np.float64), largest, _open_without_amount(part)),
        },
        provenance=tally.provenance(
            "value-success-rate/1",
            basis="pounds requested in applications with a decision",
            method=method,
            confidence_level=level,
            notes=_notes(tally),
        ),
    )


@attrs.frozen(eq=False)
class _Ratio:
    """Ratios of sums with their standard errors and effective numbers of applications."""

    value: FloatArray
    error: FloatArray
    effective: FloatArray


def _ratio(
    part_pence: FloatArray,
    whole_pence: FloatArray,
    residuals: FloatArray,
    squares: FloatArray,
    decisions: NDArray[Any] | None,
) -> _Ratio:
    """Return a ratio of sums; its squared residuals and the whole's squares are in pounds.

    Where `decisions` is None, because they count in parts, the effective number stands for it.
    """
    whole = whole_pence / 100
    effective = np.nan_to_num(quotient(whole**2, squares))
    n = effective if decisions is None else decisions.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(n > 1, n / (n - 1), np.nan)
        error = np.sqrt(factor * np.maximum(residuals, 0.0)) / whole
    return _Ratio(quotient(part_pence, whole_pence), error, effective)


def _quantile(effective: FloatArray, level: float) -> FloatArray:
    from scipy.special import stdtrit

    degrees = np.maximum(effective - 1, 1.0)
    return stdtrit(degrees, (1 + level) / 2).astype(np.float64)


def _limits(ratio: _Ratio, method: ValueMethod, level: float) -> tuple[FloatArray, FloatArray]:
    """Return limits between 0 and 1; with one decision or none, all that is possible."""
    rate, error = ratio.value, ratio.error
    if method == "linearisation":
        reach = two_sided_quantile(level) * error
        return _unless_unknown(rate - reach, 0.0), _unless_unknown(rate + reach, 1.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        odds = rate / (1 - rate)
        factor = np.exp(_quantile(ratio.effective, level) * error / (rate * (1 - rate)))
        low, high = 1 / (1 + factor / odds), 1 / (1 + 1 / (odds * factor))
        edge = ((1 - level) / 2) ** (1 / ratio.effective)
    low = np.where(rate == 0, 0.0, np.where(rate == 1, edge, low))
    high = np.where(rate == 1, 1.0, np.where(rate == 0, 1 - edge, high))
    return _unless_unknown(low, 0.0), _unless_unknown(high, 1.0)


def _open_limits(ratio: _Ratio, method: ValueMethod, level: float) -> tuple[FloatArray, FloatArray]:
    """Return limits of at least 0."""
    rate, error = ratio.value, ratio.error
    if method == "linearisation":
        reach = two_sided_quantile(level) * error
        return _unless_unknown(rate - reach, 0.0), _unless_unknown(rate + reach, np.inf)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = np.exp(_quantile(ratio.effective, level) * error / rate)
        low, high = rate / factor, rate * factor
    return _unless_unknown(low, 0.0), _unless_unknown(np.where(rate == 0, np.inf, high), np.inf)


def _unless_unknown(limit: FloatArray, edge: float) -> FloatArray:
    return np.where(np.isnan(limit), edge, limit)


def _open_without_amount(columns: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Return how many pending applications may state no amount; a tally does not tell exactly."""
    undecided = columns["without_requested"] - columns["without_amount"]
    possible: NDArray[Any] = np.minimum(columns["pending"], undecided)
    return possible


def _cautions(
    stated: FloatArray, largest: FloatArray, unknown: NDArray[Any]
) -> NDArray[np.object_]:
    reasons = {
        f"fewer than {FEW} decisions": stated < FEW,
        "one grant is over half of the pounds": largest > MOST_OF_IT,
        "the bounds may leave out pending applications without an amount": unknown > 0,
    }
    every = product((False, True), repeat=len(reasons))
    texts = np.array(["; ".join(compress(reasons, those)) or None for those in every], dtype=object)
    cube = texts.reshape((2,) * len(reasons))
    return cube[tuple(there.astype(np.intp) for there in reasons.values())]


def _notes(tally: GrantTally) -> tuple[str, ...]:
    without, no_award = (tally.columns[name][-1] for name in ("without_amount", "without_award"))
    notes = []
    if without:
        notes.append(f"{float(without):,.10g} decided applications without an amount are left out.")
    if no_award:
        notes.append(f"The award of {float(no_award):,.10g} successful applications is not known.")
    return tuple(notes)
