"""What the score methods of two samples share."""

import numpy as np

from lhp_metrics._checks import FloatArray

__all__ = ["corrected", "normal_tails"]


def normal_tails(deviate: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the normal probabilities at least, and at most, as high as `deviate`.

    An undefined deviate (nothing expected, nothing seen) says nothing: 1/2 each.
    """
    from scipy.special import ndtr

    deviate = np.where(np.isnan(deviate), 0.0, deviate)
    return ndtr(-deviate), ndtr(deviate)


def corrected(deviate: FloatArray, skewness: FloatArray) -> FloatArray:
    """Return z that solves deviate = z + skewness/6 (z² − 1), the skewness-corrected score.

    Of the two roots it is the one that tends to `deviate` without skewness; beyond the point
    where both merge, it stays there.
    """
    a = skewness / 6
    discriminant = 1 + 4 * a * (deviate + a)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = 2 * (deviate + a) / (1 + np.sqrt(np.maximum(discriminant, 0.0)))
        return np.where(discriminant > 0, root, -0.5 / a)
