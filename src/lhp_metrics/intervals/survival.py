"""Survival curves: how long until it happens, where some are still waiting?"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import numbers, refuse_where
from lhp_metrics.errors import InvalidTypeError
from lhp_metrics.intervals._life_tables import count_by_time
from lhp_metrics.intervals._survival_curve import SurvivalCurve, curve_of
from lhp_metrics.intervals._survival_limits import SurvivalMethod

__all__ = ["SurvivalCurve", "SurvivalMethod", "kaplan_meier"]


def kaplan_meier(
    durations: ArrayLike,
    observed: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    method: SurvivalMethod = "log-log",
    confidence_level: float = 0.95,
) -> SurvivalCurve:
    """Survival curve of durations of which some have not ended yet.

    Parameters
    ----------
    durations : array of int, shape (n,)
        Whole days (or weeks, or months) of at least 0, each until the event, or until it was
        last known not to have happened.
    observed : array of bool or of 0 and 1, shape (n,)
        Whether the event was seen; otherwise the duration is censored.
    groups : array, shape (n,), optional
        Which group each belongs to; all curves are then made at once.
    method : {"log-log", "log", "plain", "logit", "arcsin", "wilson"}
        See Notes; the default is "log-log".
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    InvalidInputError
        If a duration is negative, not whole, or NaN, if lengths differ, or if an option is
        unknown.
    InvalidTypeError
        If a value is no number, or `observed` is neither True nor False.

    Notes
    -----
    At each time the curve [1]_ falls by the share of those still waiting for whom it happened;
    who was last seen on that day counts as waiting. The variance is Greenwood's [2]_, with limits
    symmetrical on the scale that `method` names: log(−log S), log S, S itself ("plain"), the
    logit, or the arcsine of the root [3]_. Limits of quantiles are where the curve's limits cross
    [4]_. "wilson" takes Wilson's limits at the effective sample size S (1 − S) / variance [5]_:
    it has limits where the curve is 0 or 1, and without censoring those of a plain proportion.

    References
    ----------
    .. [1] E. L. Kaplan and P. Meier (1958), J American Statistical Association 53, 457-481.
    .. [2] M. Greenwood (1926), Reports on Public Health and Medical Subjects 33.
    .. [3] Ø. Borgan and K. Liestøl (1990), Scandinavian Journal of Statistics 17, 35-41.
    .. [4] R. Brookmeyer and J. Crowley (1982), Biometrics 38, 29-41.
    .. [5] K. J. Rothman (1978), Journal of Chronic Diseases 31, 557-560.

    Examples
    --------
    >>> curve = kaplan_meier([10, 20, 20, 35], [True, True, False, True])
    >>> curve.survival.round(2).tolist()
    [[0.75, 0.5, 0.0]]
    """
    ended = _yes_or_no("observed", observed)
    tables = count_by_time(durations, ended, 2, groups)
    return curve_of(tables, method, confidence_level)


def _yes_or_no(name: str, value: ArrayLike) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.asarray(value)
    except ValueError:
        raise InvalidTypeError(f"{name} must be True or False for each duration") from None
    if array.dtype.kind == "b":
        return array
    if array.dtype.kind not in "iuf" and array.size:
        raise InvalidTypeError(f"{name} must be True or False; got an array of {array.dtype}")
    found = numbers(name, array if array.size else np.zeros(0))
    refuse_where((found != 0) & (found != 1), found, name, "must be True or False")
    return found.astype(np.int64)
