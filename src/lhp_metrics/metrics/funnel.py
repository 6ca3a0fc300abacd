"""Funnel: which group is outside what chance explains?"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, choice, exposures, near_matches, numbers, of_kind
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.intervals._frame import two_sided_quantile
from lhp_metrics.metrics._countable import Countable
from lhp_metrics.metrics._funnel_limits import (
    PROPORTION,
    RATIO,
    LimitsOf,
    Scale,
    Sides,
    binomial_limits,
    overdispersion,
    poisson_limits,
    score_limits,
)
from lhp_metrics.metrics._outcomes import (
    BASES,
    Basis,
    as_grant_tally,
    hidden_note,
    outcomes,
    quotient,
)
from lhp_metrics.metrics.within_target import within_target
from lhp_metrics.results import Columns, Row, Table, column
from lhp_metrics.tallies import GrantTally, KeyT, RegistrationTally, Tally
from lhp_metrics.tallies.setup import SetupTally

__all__ = ["FunnelMethod", "FunnelPoint", "FunnelPoints", "Position", "funnel"]

FunnelMethod: TypeAlias = Literal["wilson", "exact"]
Position: TypeAlias = Literal["within", "above 95%", "below 95%", "above 99.8%", "below 99.8%"]

FindSides: TypeAlias = Callable[[FloatArray, FloatArray, float, float], Sides]

LEVELS = {"95": 0.95, "99_8": 0.998}  # By custom about two and three standard deviations.


@attrs.frozen(kw_only=True)
class FunnelPoint(Row):
    """One group in the funnel: its value, and where chance alone would leave it.

    `events` of `trials` are successes of decided applications, clocks within their target of
    those due, or registrations of those expected. The limits are those of the target at the
    group's own size. `z` is the group's distance from the target in standard errors, on the
    variance-stabilised scale; `z_adjusted` and the adjusted limits allow for as much variation
    between groups as there is beyond chance. `position` says which limits, if any, the value is
    outside of, and `adjusted_position` the same for the adjusted ones; it is None where there
    is no value.
    """

    events: float | None = column("Events", spec=",.10g", optional=True)
    trials: float = column("Of", spec=",.10g")
    value: float = column("Value")
    lower_95: float = column("Lower 95%")
    upper_95: float = column("Upper 95%")
    lower_99_8: float = column("Lower 99.8%")
    upper_99_8: float = column("Upper 99.8%")
    position: Position | None = column("Position", optional=True)
    z: float = column("z", spec="+.2f")
    z_adjusted: float = column("z, adjusted", spec="+.2f")
    adjusted_lower_95: float = column("")
    adjusted_upper_95: float = column("")
    adjusted_lower_99_8: float = column("")
    adjusted_upper_99_8: float = column("")
    adjusted_position: Position | None = column("Position, adjusted", optional=True)

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._count_sentences import say_funnel_point

        return say_funnel_point(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._count_sentences import say_funnel

        return say_funnel(table)


@attrs.frozen(eq=False, repr=False, kw_only=True)
class FunnelPoints(Table[FunnelPoint]):
    """The table of `funnel`, with what its limits are drawn around.

    Parameters
    ----------
    target : float
        Where the funnel narrows to: the pooled value of all groups, or the one given.
    phi : float
        Mean of the squared, winsorised z: about 1 is what chance gives. NaN with one group.
    tau_squared : float
        Variance between groups beyond chance, on the variance-stabilised scale; 0 if there is
        none.
    limits_of : str
        How the limits were made: "Wilson", "exact binomial" or "exact Poisson".
    """

    target: float
    phi: float
    tau_squared: float
    limits_of: str


def funnel(
    tally: GrantTally | RegistrationTally | SetupTally,
    *,
    target: float | None = None,
    expected: Mapping[KeyT, float] | None = None,
    basis: Basis = "decided",
    method: FunnelMethod | None = None,
    trim: float = 0.1,
) -> FunnelPoints:
    """Which group is outside what chance explains?

    Parameters
    ----------
    tally : GrantTally, RegistrationTally or SetupTally
        Whole counts by group: success rates are compared, registrations with the number
        expected, or the shares of the clocks due that finished within their target.
    target : float, optional
        Rate, share, or ratio of registered to expected, to compare with; by default that of all
        groups together.
    expected : mapping of key to float, optional
        For registrations, and needed there: how many each group should have had.
    basis : {"decided", "submitted", "considered"}, default "decided"
        For grants: what the rates' denominators count; see `success_rates`.
    method : {"wilson", "exact"}, optional
        For grants and clocks, where "wilson" is the default: limits at which the Wilson interval
        would just touch the target, or quantiles of the binomial distribution. Registrations
        have exact ones, of the Poisson distribution.
    trim : float, default 0.1
        Part of the z-scores at each end that is drawn in to the quantile there before the
        variation between groups is estimated, so that outliers do not hide themselves.

    Returns
    -------
    FunnelPoints
        A `Table` of `FunnelPoint`. A group of nothing has the value NaN and no position.

    Raises
    ------
    InvalidInputError
        If the tally has no groups or counts parts of records, if registrations lack `expected`
        or grants have it, or if an option is out of range.
    NotFoundError
        If `expected` lacks a group.

    Notes
    -----
    The limits of 95 % and 99.8 % are pointwise: of 100 ordinary groups about five are outside the
    former [1]_. Where groups differ beyond chance for many small reasons, most would be outside:
    the adjusted limits add the variance τ² between groups to each group's own [2]_, on the scale
    of the arcsine of the root (proportions) or of the root (ratios). z is on that scale too, and
    the unadjusted limits are not: of a few applications they may disagree, as where 0 of 4 are
    within the limits and below the adjusted ones. Believe the unadjusted ones there: the scale is
    an approximation that needs some events in each group.

    References
    ----------
    .. [1] D. J. Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202.
    .. [2] D. J. Spiegelhalter (2005), Quality and Safety in Health Care 14, 347-351.
    .. [3] Public Health England (2018), Technical guide: commonly used public health statistics.

    Examples
    --------
    >>> from lhp_metrics import GrantTally, OutcomeCounts, funnel
    >>> tally = GrantTally.from_counts({
    ...     "NIHR": OutcomeCounts(successful=40, unsuccessful=60),
    ...     "MRC": OutcomeCounts(successful=6, unsuccessful=64),
    ...     "UKRI": OutcomeCounts(successful=22, unsuccessful=58),
    ... })
    >>> points = funnel(tally)
    >>> points["NIHR"].position, points["MRC"].position, points["UKRI"].position
    ('above 95%', 'below 99.8%', 'within')
    """
    of_kind("tally", tally, (GrantTally, RegistrationTally, SetupTally))
    _in_range("trim", trim, 0.0, 0.5)
    if isinstance(tally, GrantTally):
        points = _proportions(tally, basis, expected, method)
    elif isinstance(tally, SetupTally):
        points = _within_target(tally, expected, method)
    else:
        points = _ratios(tally, expected, method)
    scale = points.scale
    pooled = float(quotient(points.events[-1:], points.sizes[-1:])[0])
    if target is not None:
        _in_range("target", target, 0.0, scale.most)
    goal = pooled if target is None else float(target)
    value = quotient(points.events, points.sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = 0.5 / np.sqrt(np.where(points.sizes > 0, points.sizes, np.nan))
        gap = scale.angle(value) - scale.angle(np.array(goal))
        z = gap / error
        phi, tau_squared = overdispersion(z[:-1], points.sizes[:-1], trim)
        total_error = np.sqrt(error**2 + tau_squared)
        z_adjusted = gap / total_error
    limits: dict[str, Columns] = {}
    adjusted: dict[str, Columns] = {}
    position = _positions(z)
    adjusted_position = _positions(z)
    for name, level in LEVELS.items():
        low, high, below, above = points.limits(goal, level)
        limits |= {f"lower_{name}": low, f"upper_{name}": high}
        _mark(position, below, above, level)
        deviations = two_sided_quantile(level)
        reach = deviations * total_error
        low, high = (scale.value(scale.angle(np.array(goal)) + end) for end in (-reach, reach))
        adjusted |= {f"adjusted_lower_{name}": low, f"adjusted_upper_{name}": high}
        _mark(
            adjusted_position,
            z_adjusted < -deviations,
            z_adjusted > deviations,
            level,
        )
    return FunnelPoints(
        row_type=FunnelPoint,
        title=points.title,
        by=tally.by,
        keys=tally.keys,
        names=tuple(map(tally.name_of, tally.keys)),
        columns={
            "events": np.where(points.known, points.events, np.nan),
            "trials": points.sizes,
            "value": value,
            **limits,
            "position": position,
            "z": z,
            "z_adjusted": z_adjusted,
            **adjusted,
            "adjusted_position": adjusted_position,
        },
        provenance=tally.provenance(
            "funnel/1",
            basis=points.basis,
            method=None,
            notes=(
                f"Limits: {points.method}, each by itself, around "
                f"{format(goal, points.spec)} ({'pooled' if target is None else 'given'}).",
                f"Between groups: φ = {phi:.2f}, τ² = {tau_squared:.4g} "
                f"({trim:.0%} of z drawn in at each end).",
                *points.notes,
            ),
        ),
        specs=dict.fromkeys(("value", *limits), points.spec),
        target=goal,
        phi=phi,
        tau_squared=tau_squared,
        limits_of=points.method,
    )


@attrs.frozen(eq=False, kw_only=True)
class _Points:
    """Events of so many trials or expected, and the limits of a target at each size."""

    title: str
    spec: str
    scale: Scale
    events: FloatArray
    sizes: FloatArray
    known: NDArray[np.bool_]
    limits: Callable[[float, float], Sides]
    method: LimitsOf
    basis: str
    notes: tuple[str, ...]


def _proportions(
    tally: GrantTally,
    basis: Basis,
    expected: Mapping[Any, float] | None,
    method: FunnelMethod | None,
) -> _Points:
    find, limits_of = _limits_of_shares(expected, method)
    tally = as_grant_tally("tally", tally, "funnels")
    _refuse_no_groups(tally)
    found = outcomes(tally.columns, basis)
    events, sizes = found.successes.copy(), found.trials.copy()
    if not found.rated[-1]:  # The total of the groups of which something is known.
        events[-1], sizes[-1] = events[:-1].sum(), sizes[:-1].sum()
    return _Points(
        title="Funnel of success rates",
        spec=".1%",
        scale=PROPORTION,
        events=events,
        sizes=sizes,
        known=found.rated | (sizes > 0),
        limits=partial(find, events, sizes),
        method=limits_of,
        basis=f"{basis} ({BASES[basis]})",
        notes=hidden_note(tally),
    )


def _within_target(
    tally: SetupTally, expected: Mapping[Any, float] | None, method: FunnelMethod | None
) -> _Points:
    find, limits_of = _limits_of_shares(expected, method)
    shares = within_target(tally)
    _refuse_no_groups(tally)
    events, sizes = (tally.columns[name].astype(np.float64) for name in ("within", "due"))
    return _Points(
        title="Funnel of shares within target",
        spec=".1%",
        scale=PROPORTION,
        events=events,
        sizes=sizes,
        known=np.ones(len(events), dtype=np.bool_),
        limits=partial(find, events, sizes),
        method=limits_of,
        basis=f"clocks due, {tally.clock}",
        notes=shares.provenance.notes[-1:],
    )


def _limits_of_shares(
    expected: Mapping[Any, float] | None, method: FunnelMethod | None
) -> tuple[FindSides, LimitsOf]:
    if expected is not None:
        raise InvalidInputError("expected= is for registrations; success rates have trials")
    choice("method", method or "wilson", ("wilson", "exact"))
    if method == "exact":
        return binomial_limits, "exact binomial"
    return score_limits, "Wilson"


def _ratios(
    tally: Countable,
    expected: Mapping[Any, float] | None,
    method: FunnelMethod | None,
) -> _Points:
    choice("method", method or "exact", ("exact",))
    if tally.is_fractional:
        raise InvalidInputError(
            "funnels need whole studies, but this tally has attribution 'fractional': count with "
            "'lead' or 'whole'"
        )
    _refuse_no_groups(tally)
    if expected is None:
        raise InvalidInputError(
            "registrations need expected=: how many each group should have had, since groups of "
            "different size are not expected to have the same number"
        )
    of_kind("expected", expected, Mapping)
    missing = [key for key in tally.keys if key not in expected]
    if missing:
        near = near_matches(str(missing[0]), map(str, expected))
        raise NotFoundError(f"expected has no entry for {missing[0]!r}{near}")
    sizes = exposures("expected", [expected[key] for key in tally.keys])
    sizes = np.append(sizes, sizes.sum())
    events = tally.events.astype(np.float64)
    return _Points(
        title="Funnel of registrations over expected",
        spec=".2f",
        scale=RATIO,
        events=events,
        sizes=sizes,
        known=np.ones(len(events), dtype=np.bool_),
        limits=partial(poisson_limits, events, sizes),
        method="exact Poisson",
        basis="registrations over those expected",
        notes=(),
    )


def _positions(z: FloatArray) -> NDArray[np.object_]:
    position = np.full(len(z), "within", dtype=object)
    position[np.isnan(z)] = None
    return position


def _mark(
    position: NDArray[np.object_],
    below: NDArray[np.bool_],
    above: NDArray[np.bool_],
    level: float,
) -> None:
    text = f"{100 * level:g}%"
    position[below] = f"below {text}"
    position[above] = f"above {text}"


def _refuse_no_groups(tally: Tally[Any] | Countable) -> None:
    if not tally.keys:
        raise InvalidInputError("funnels need a tally by group; this one has only a total")


def _in_range(name: str, value: float, least: float, most: float) -> None:
    number = numbers(name, value)
    if number.ndim or not least <= number <= most:
        bound = "at least 0" if np.isinf(most) else f"between {least:g} and {most:g}"
        raise InvalidInputError(f"{name} must be {bound}; got {value!r}")
