"""What registrations are counted over, other than days: staff, beds, person-years."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from lhp_metrics._checks import FloatArray, near_matches, numbers
from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.models import Period
from lhp_metrics.tallies._keys import Key

__all__ = ["DAYS_PER_YEAR", "exposure_column", "exposure_unit"]

DAYS_PER_YEAR = 365.25

_HOLDS_TIME = re.compile(r"[a-z][a-z ]*-(hours|days|weeks|months|years)", re.IGNORECASE)


def exposure_unit(unit: object) -> str:
    """Return the unit that exposures are added up in: "bed-years" for "beds"."""
    if not isinstance(unit, str) or not unit.strip():
        raise InvalidTypeError(f"unit must be text such as 'staff'; got {unit!r}")
    unit = unit.strip()
    return unit if _HOLDS_TIME.fullmatch(unit) else f"{unit.removesuffix('s')}-years"


def exposure_column(
    keys: tuple[Key, ...],
    exposure: Mapping[Any, float],
    *,
    unit: str,
    period: Period | None,
) -> FloatArray:
    """Return each group's exposure, and their sum at the end.

    A unit without time in it is a number of something on an average day: it is multiplied by
    the years of the group's period, so that the exposures of two periods add up.
    """
    if not isinstance(exposure, Mapping):
        raise InvalidTypeError(f"exposure must map groups to numbers; got {exposure!r}")
    time_in_it = exposure_unit(unit) == unit.strip()
    given = {str(key): value for key, value in exposure.items()}
    wanted = [str(key) for key in keys]
    missing = [key for key in wanted if key not in given]
    if missing:
        raise InvalidInputError(f"exposure has no {unit} for {', '.join(missing)}")
    for key in given:
        if key not in wanted:
            raise NotFoundError(f"the tally has no group {key!r}{near_matches(key, wanted)}")
    values = np.empty(len(keys) + 1)
    for index, (group, text) in enumerate(zip(keys, wanted, strict=True)):
        value = numbers(f"exposure of {text!r}", given[text])
        if value.ndim or not 0 < value < np.inf:
            raise InvalidInputError(
                f"exposure of {text!r} must be a finite number above 0; got {given[text]!r}"
            )
        values[index] = value * (1.0 if time_in_it else _years(group, period, unit))
    values[-1] = values[:-1].sum()
    return values


def _years(key: Key, period: Period | None, unit: str) -> float:
    parts = key if isinstance(key, tuple) else (key,)
    own = next((part for part in parts if isinstance(part, Period)), period)
    if own is None:
        raise InvalidInputError(
            f"the tally has no period, so {unit} make no exposure: give a unit with time in it, "
            "such as 'person-years'"
        )
    return own.days / DAYS_PER_YEAR
