"""Control charts: which month is out of the ordinary?"""

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import FloatArray, choice, counts, each_of, numbers, of_kind
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.metrics._countable import Countable
from lhp_metrics.metrics._signals import SIGNALS, signals
from lhp_metrics.models import Period
from lhp_metrics.provenance import Provenance
from lhp_metrics.results import Columns, Row, Table, column
from lhp_metrics.tallies import GrantTally, RegistrationTally, Tally

__all__ = ["ControlChart", "ControlLimits", "ControlPoint", "control_chart"]

ControlLimits: TypeAlias = Literal["xmr", "poisson"]

XMR_FACTOR = 2.66  # 3 standard deviations, of which a mean moving range is 1.128
RANGE_LIMIT = 3.267  # upper limit of a moving range, in mean moving ranges
RANGE_PER_SD = 1.128
FULL_BASELINE = 12  # Making Data Count asks for 12 to 20 points


@attrs.frozen(kw_only=True)
class ControlPoint(Row):
    """One point of a control chart, with the limits of its phase and the signals it is part of.

    `lower` and `upper` are None in a phase whose baseline has a single point. Each signal is a
    field of its own: `outside_limits`, `shift` (seven or more points in a row on one side of the
    centre), `trend` (six or more in a row that rise, or fall), `near_limit` (two of three in a
    row in the outer third towards the same limit).
    """

    count: float | None = column("Count", spec=",g", optional=True)
    value: float = column("Value", spec=".2f")
    centre: float = column("Centre", spec=".2f")
    lower: float | None = column("Lower limit", spec=".2f", optional=True)
    upper: float | None = column("Upper limit", spec=".2f", optional=True)
    phase: int = column("Phase")
    in_baseline: bool = column("In baseline")
    outside_limits: bool = column("Outside limits")
    shift: bool = column("Shift")
    trend: bool = column("Trend")
    near_limit: bool = column("Near limit")

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._count_sentences import say_point

        return say_point(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._count_sentences import say_chart

        return say_chart(table)

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals that the point is part of."""
        return tuple(name for name in SIGNALS if getattr(self, name))


@attrs.frozen(eq=False, repr=False, kw_only=True)
class ControlChart(Table[ControlPoint]):
    """The table of `control_chart`, one row per point.

    Parameters
    ----------
    unit : str
        Of values, centre and limits.
    """

    unit: str

    @property
    def special(self) -> tuple[ControlPoint, ...]:
        """The points that are part of a signal."""
        return tuple(point for point in self if point.signals)


def control_chart(
    series: GrantTally | RegistrationTally | ArrayLike,
    *,
    baseline: int | Period | None = None,
    screen_outliers: bool = False,
    rebase: Iterable[dt.date | str | int] = (),
    limits: ControlLimits = "xmr",
) -> ControlChart:
    """Which month is out of the ordinary?

    Parameters
    ----------
    series : RegistrationTally, GrantTally or array of float
        A tally by month, quarter or year: months differ in length, so its values are
        registrations, or applications whatever became of them, per day; or per unit of the
        tally's own exposure. Or plain values in the order of time, taken as they are, such as
        the rates of ``success_rates(tally).column("rate")``.
    baseline : int or Period, optional
        The points that centre and limits are made from: the first so many of each phase, or of
        a tally those within a period; a phase without any of these uses all its own. All points
        by default.
    screen_outliers : bool, default False
        Whether moving ranges of at least 3.267 times their mean are left out, once, as Making
        Data Count's tools do. The centre stays what it is.
    rebase : iterable of date, str or int, optional
        Where a new phase begins, with its own centre and limits: the first day of a tally's
        point, such as ``partnership.era("JRO").first_on``, or the position of a plain value.
    limits : {"xmr", "poisson"}, default "xmr"
        ``"xmr"`` takes the variation from the moving ranges alone [1]_. ``"poisson"`` is
        Laney's u′ [2]_ for counts: Poisson limits for each point's exposure, widened or narrowed
        by how much the counts vary in fact.

    Returns
    -------
    ControlChart
        A `Table` of `ControlPoint`. A constant series has limits equal to its mean and no
        signals. One point alone has a centre and no limits; fewer than twelve in a baseline are
        noted as provisional.

    Raises
    ------
    InvalidInputError
        If there is no point, a value is missing, the tally is not by periods or has a gap or an
        overlap between them, or a phase begins inside a point.

    Notes
    -----
    XmR: the mean, plus or minus 2.66 times the mean of the absolute differences from point to
    point. These limits may be below 0, which counts never are.

    u′: with counts c over exposures e, ū = Σc / Σe and σᵢ = √(ū / eᵢ), the standardised
    z = (c/e − ū) / σ have a mean moving range of which 1 / 1.128 is their standard deviation;
    limits are ū ± 3·σᵢ times that, at least 0.

    The signals are Making Data Count's [3]_, within each phase; a point on the centre is on
    neither side of it. Four tests on each point find something now and then in noise: of
    charts of 24 ordinary months (independent, normal) one in five has a signal.

    References
    ----------
    .. [1] D. J. Wheeler and D. S. Chambers (1992), Understanding Statistical Process Control.
    .. [2] D. B. Laney (2002), Quality Engineering 14, 531-537.
    .. [3] NHS England, Making Data Count, "Strengthening your decisions".

    Examples
    --------
    >>> chart = control_chart([22, 19, 27, 24, 21, 20, 25, 29, 31, 26, 23, 40])
    >>> [(point.key, point.value, point.signals) for point in chart.special]
    [('12', 40.0, ('outside_limits',))]
    >>> round(chart["12"].upper, 2)
    38.64
    """
    choice("limits", limits, ("xmr", "poisson"))
    if isinstance(series, Tally):
        of_kind("series", series, (GrantTally, RegistrationTally))
    points = _points_of_tally(series) if isinstance(series, Tally) else _plain(series)
    starts = points.phase_starts(rebase)
    size = len(points.keys)
    phase = np.zeros(size, dtype=np.int64)
    used = np.zeros(size, dtype=np.bool_)
    centre, low, high = (np.empty(size) for _ in range(3))
    flags = {name: np.zeros(size, dtype=np.bool_) for name in SIGNALS}
    value = points.count / points.exposure
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], size], strict=True), start=1):
        here = slice(start, end)
        phase[here] = number
        used[here] = points.in_baseline(baseline)[here]
        if isinstance(baseline, Period) and not used[here].any():
            used[here] = True
        if isinstance(baseline, int):
            used[here] = np.arange(end - start) < baseline
        find = _xmr if limits == "xmr" else _laney
        centre[here], low[here], high[here] = find(
            points.count[here], points.exposure[here], used[here], screen_outliers
        )
        for name, found in signals(value[here], centre[here], low[here], high[here]).items():
            flags[name][here] = found
    columns: dict[str, Columns] = {
        "count": points.count if points.counted else np.full(size, np.nan),
        "value": value,
        "centre": centre,
        "lower": low,
        "upper": high,
        "phase": phase,
        "in_baseline": used,
        **flags,
    }
    shortest = min(int(used[phase == number].sum()) for number in range(1, len(starts) + 1))
    return ControlChart(
        row_type=ControlPoint,
        title="Control chart",
        by=points.by,
        keys=points.keys,
        names=tuple(map(str, points.keys)),
        columns=columns,
        provenance=points.provenance(limits, screen_outliers, shortest),
        has_total=False,
        headings={"value": f"Value, {points.unit}" if points.unit else "Value"},
        unit=points.unit,
    )


@attrs.frozen(kw_only=True)
class _Points:
    """What is to be charted: counts over exposures, or plain values over 1."""

    by: tuple[str, ...]
    keys: tuple[Period | str, ...]
    count: FloatArray
    exposure: FloatArray
    unit: str
    tally: Countable | None

    @property
    def counted(self) -> bool:
        return self.tally is not None

    def phase_starts(self, rebase: Iterable[dt.date | str | int]) -> list[int]:
        return sorted({0, *map(self._start, each_of(rebase, "places", name="rebase"))})

    def _start(self, begin: dt.date | str | int) -> int:
        if self.tally is None:
            if isinstance(begin, bool) or not isinstance(begin, int):
                raise InvalidTypeError(f"rebase must hold positions of values; got {begin!r}")
            if not 0 < begin < len(self.keys):
                last = len(self.keys) - 1
                raise InvalidInputError(f"rebase must be from 1 to {last}; got {begin}")
            return begin
        for index, key in enumerate(self.keys):
            if isinstance(key, Period) and str(begin) == str(key.start):
                return index
        raise InvalidInputError(
            f"no point begins on {begin}, so no phase can: count the service eras apart, each "
            "with its own period, and add the tallies"
        )

    def in_baseline(self, baseline: int | Period | None) -> NDArray[np.bool_]:
        if baseline is None:
            return np.ones(len(self.keys), dtype=np.bool_)
        if isinstance(baseline, Period):
            if self.tally is None:
                raise InvalidTypeError(
                    "baseline must be a number of values where the series is plain values"
                )
            inside = [
                isinstance(key, Period) and baseline.start <= key.start and key.end <= baseline.end
                for key in self.keys
            ]
            if not any(inside):
                raise InvalidInputError(f"no point lies within the baseline {baseline}")
            return np.array(inside)
        if isinstance(baseline, bool) or not isinstance(baseline, int):
            raise InvalidTypeError(
                f"baseline must be a number of points or a Period; got {baseline!r}"
            )
        if baseline < 2:
            raise InvalidInputError(f"baseline must have at least 2 points; got {baseline}")
        return np.ones(len(self.keys), dtype=np.bool_)

    def provenance(self, limits: ControlLimits, screened: bool, shortest: int) -> Provenance:
        words = {
            "xmr": "Limits: XmR, the mean ± 2.66 mean moving ranges",
            "poisson": "Limits: Laney's u′, Poisson limits times the variation found",
        }[limits]
        notes = [words + (", outlying ranges left out." if screened else ".")]
        if self.tally is not None:
            what = f"{self.tally.counting} {self.unit}"
            notes.append(f"Values are {what}, as the points differ in length.")
        if shortest < FULL_BASELINE:
            notes.append(
                f"The shortest baseline has {shortest} point{'s' * (shortest != 1)}, and 12 to 20 "
                "make one: its limits "
                "are provisional."
            )
        if self.tally is None:
            return Provenance(definition="control-chart/1", notes=tuple(notes))
        what = self.tally.exposure_unit or "days"
        return self.tally.provenance("control-chart/1", exposure=what, notes=tuple(notes))


def _points_of_tally(tally: Countable) -> _Points:
    if tally.is_fractional:
        raise InvalidInputError("the tally counts parts of records, and a chart needs whole ones")
    if not tally.keys:
        raise InvalidInputError("the tally has no points: nothing was counted")
    keys = [key for key in tally.keys if isinstance(key, Period)]
    if len(keys) < len(tally.keys):
        raise InvalidInputError(
            "a chart needs a tally by 'month', 'quarter' or 'financial_year' alone; got one by "
            f"{', '.join(tally.by) or 'nothing'}"
        )
    order = sorted(range(len(keys)), key=keys.__getitem__)
    keys = [keys[place] for place in order]
    for one, other in pairwise(keys):
        if one.overlaps(other):
            raise InvalidInputError(f"the points {one} and {other} overlap")
        if not one.adjoins(other):
            raise InvalidInputError(
                f"no point between {one} and {other}: give it 0, or count with a period"
            )
    exposures = tally.exposures
    if exposures is None:
        exposures = np.array([float(key.days) for key in keys])
    else:
        exposures = exposures[order]
    return _Points(
        by=tally.by,
        keys=tuple(keys),
        count=tally.events[order].astype(np.float64),
        exposure=exposures,
        unit=f"per {tally.exposure_unit or 'day'}",
        tally=tally,
    )


def _plain(series: ArrayLike) -> _Points:
    values = np.atleast_1d(numbers("series", series))
    if values.ndim > 1:
        raise InvalidInputError(f"series must have one dimension; got shape {values.shape}")
    if not len(values):
        raise InvalidInputError("series has no point")
    if not np.isfinite(values).all():
        raise InvalidInputError("series must be finite")
    keys = tuple(str(number) for number in range(1, len(values) + 1))
    return _Points(
        by=("point",), keys=keys, count=values, exposure=np.ones(len(values)), unit="", tally=None
    )


Limits: TypeAlias = tuple[float | FloatArray, float | FloatArray, float | FloatArray]


def _xmr(count: FloatArray, exposure: FloatArray, used: NDArray[np.bool_], screen: bool) -> Limits:
    values = (count / exposure)[used]
    # Around the first value, so that the mean of equal values is that value to the last digit.
    centre = float(values[0] + (values - values[0]).mean())
    reach = XMR_FACTOR * _mean_range(values, screen)
    return centre, centre - reach, centre + reach


def _laney(
    count: FloatArray, exposure: FloatArray, used: NDArray[np.bool_], screen: bool
) -> Limits:
    counts("series", count)
    centre = float(count[used].sum() / exposure[used].sum())
    spread = np.sqrt(centre / exposure)
    if not centre:
        return 0.0, spread, spread
    standardised = ((count / exposure - centre) / spread)[used]
    reach = 3 * spread * _mean_range(standardised, screen) / RANGE_PER_SD
    return centre, np.maximum(centre - reach, 0.0), centre + reach


def _mean_range(values: FloatArray, screen: bool) -> float:
    """Return the mean moving range; NaN for one value, which has none."""
    if len(values) < 2:
        return float("nan")
    ranges = np.abs(np.diff(values))
    if screen and ranges.any():
        ranges = ranges[ranges < RANGE_LIMIT * ranges.mean()]
    return float(ranges.mean())
