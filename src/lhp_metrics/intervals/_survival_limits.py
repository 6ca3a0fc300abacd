"""Pointwise limits of survival curves and cumulative incidences: one formula per method.

Every function takes a proportion `p` and its standard error on the scale of log p, as Greenwood's
formula gives it, and returns limits of p. They are NaN where the scale has no number for p.
"""

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import numpy as np

from lhp_metrics._checks import FloatArray, choice
from lhp_metrics.intervals._frame import two_sided_quantile

__all__ = ["SURVIVAL_METHODS", "SurvivalMethod", "curve_limits"]

SurvivalMethod: TypeAlias = Literal["log-log", "log", "plain", "logit", "arcsin", "wilson"]
Limits: TypeAlias = tuple[FloatArray, FloatArray]


def curve_limits(
    p: FloatArray,
    error: FloatArray,
    known: FloatArray,
    *,
    method: SurvivalMethod,
    confidence_level: float,
) -> Limits:
    """Return lower and upper limits of `p`, pointwise.

    Parameters
    ----------
    p : ndarray of float
        Estimated proportions.
    error : ndarray of float
        Standard errors of log p.
    known : ndarray of float
        How many it is known of whether they are in p: the sample size that "wilson" takes where
        p is 0 or 1 and has no variance.
    method : {"log-log", "log", "plain", "logit", "arcsin", "wilson"}
        See ``kaplan_meier``.
    confidence_level : float
        A fraction between 0 and 1.
    """
    choice("method", method, SURVIVAL_METHODS)
    z = two_sided_quantile(confidence_level)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if method == "wilson":
            return _wilson(p, error, known, z)
        return _ON_A_SCALE[method](p, z * error)


def _plain(p: FloatArray, reach: FloatArray) -> Limits:
    return np.maximum(p - p * reach, 0.0), np.minimum(p + p * reach, 1.0)


def _log(p: FloatArray, reach: FloatArray) -> Limits:
    return p * np.exp(-reach), np.minimum(p * np.exp(reach), 1.0)


def _log_log(p: FloatArray, reach: FloatArray) -> Limits:
    inside = np.where((p > 0) & (p < 1), p, np.nan)
    power = np.exp(reach / np.abs(np.log(inside)))
    low: FloatArray = inside**power
    return low, inside ** (1 / power)


def _logit(p: FloatArray, reach: FloatArray) -> Limits:
    inside = np.where((p > 0) & (p < 1), p, np.nan)
    odds, reach = inside / (1 - inside), reach / (1 - inside)
    low, high = odds * np.exp(-reach), odds * np.exp(reach)
    return low / (1 + low), 1 - 1 / (1 + high)


def _arcsin(p: FloatArray, reach: FloatArray) -> Limits:
    inside = np.where((p > 0) & (p < 1), p, np.nan)
    angle, reach = np.arcsin(np.sqrt(inside)), reach / 2 * np.sqrt(inside / (1 - inside))
    low: FloatArray = np.sin(np.maximum(angle - reach, 0.0)) ** 2
    high: FloatArray = np.sin(np.minimum(angle + reach, np.pi / 2)) ** 2
    return low, high


_ON_A_SCALE: Mapping[str, Callable[[FloatArray, FloatArray], Limits]] = {
    "log-log": _log_log,
    "log": _log,
    "plain": _plain,
    "logit": _logit,
    "arcsin": _arcsin,
}

SURVIVAL_METHODS = (*_ON_A_SCALE, "wilson")


def _wilson(p: FloatArray, error: FloatArray, known: FloatArray, z: float) -> Limits:
    """Wilson's limits at the effective sample size p (1 - p) / variance."""
    size = np.where((p > 0) & (p < 1), (1 - p) / (p * error**2), known)
    middle = (p + z * z / (2 * size)) / (1 + z * z / size)
    reach = z / (1 + z * z / size) * np.sqrt(p * (1 - p) / size + (z / (2 * size)) ** 2)
    low = np.where(p > 0, np.maximum(middle - reach, 0.0), np.where(size > 0, 0.0, np.nan))
    high = np.where(p < 1, np.minimum(middle + reach, 1.0), np.where(size > 0, 1.0, np.nan))
    return low, high
