"""Limits for two samples from each sample's own: the method of variance estimates recovery."""

import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Limits

__all__ = ["difference_by_mover", "ratio_by_mover"]


def difference_by_mover(
    value: FloatArray,
    low: FloatArray,
    high: FloatArray,
    base: FloatArray,
    base_low: FloatArray,
    base_high: FloatArray,
) -> Limits:
    """Return limits of value − base (Zou and Donner 2008, Statistics in Medicine 27, 1693)."""
    difference = value - base
    return (
        difference - np.hypot(value - low, base_high - base),
        difference + np.hypot(high - value, base - base_low),
    )


def ratio_by_mover(
    value: FloatArray,
    low: FloatArray,
    high: FloatArray,
    base: FloatArray,
    base_low: FloatArray,
    base_high: FloatArray,
) -> Limits:
    """Return limits of value / base (Donner and Zou 2012, Stat Methods Med Res 21, 347)."""
    return (
        _ratio_low(value, low, base, base_high),
        1 / _ratio_low(base, base_low, value, high),
    )


def _ratio_low(
    value: FloatArray, low: FloatArray, base: FloatArray, base_high: FloatArray
) -> FloatArray:
    # The published difference of two nearly equal numbers, rationalised: nothing cancels, and
    # a base limit of exactly twice the base is no longer a division by 0.
    kept = low * (2 * value - low)
    spread = np.hypot((value - low) * base, np.sqrt(kept) * (base_high - base))
    return np.where(value > 0, kept / (value * base + spread), 0.0)
