"""One self-contained, accessible HTML page: from tallies, or from tables, charts and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, Union

from lhp_metrics._checks import of_kind, pair_of_labels
from lhp_metrics._version import __version__
from lhp_metrics.errors import InvalidInputError, InvalidTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from lhp_metrics.metrics.registrations import RegistrationChanges
    from lhp_metrics.metrics.shares import PartnerShare
    from lhp_metrics.metrics.success import SuccessRate
    from lhp_metrics.results import Table
    from lhp_metrics.tallies import GrantTally, OutcomeCounts, RegistrationTally, Tally
    from lhp_metrics.tallies.setup import SetupTally

__all__ = ["Block", "report"]

# What may stand in a section. As text, so that importing the library loads none of it.
Block: TypeAlias = Union[str, "Table[Any]", "Tally[Any]", "Axes"]
Part: TypeAlias = tuple[str, list[Block]]
TallyT = TypeVar("TallyT", bound="Tally[Any]")

STYLE = """
:root { color-scheme: light dark; --text: #1d1d1d; --page: #fff; --head: #12436d; --line: #767676; }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececec; --page: #16191c; --head: #a9cdf0; --line: #9a9a9a; } }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
  max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, caption { color: var(--head); line-height: 1.2; overflow-wrap: anywhere; }
a { color: inherit; } main > section > p, nav { max-width: 45rem; }
:focus-visible { outline: 3px solid var(--head); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
th, td { border-bottom: 1px solid var(--line); }
figure { margin: 1.5rem 0; overflow-x: auto; }
figure svg { max-width: 100%; min-width: 34rem; height: auto; background: #fff; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); }
@page { size: A4 landscape; margin: 1.2cm; }
@media print {
  :root { color-scheme: light; --text: #000; --page: #fff; --head: #000; }
  body { margin: 0; max-width: none; padding: 0; font-size: 10pt; line-height: 1.3; }
  nav, .skip { display: none; } h1 { font-size: 16pt; } h2 { font-size: 13pt; }
  h1, h2, p, figure { margin: .6em 0; } h2, section > p, caption { break-after: avoid; }
  p, figure, table, tr { break-inside: avoid; } tfoot { display: table-row-group; }
  .lhp-metrics, figure { overflow: visible !important; } .lhp-metrics table { font-size: 7.5pt; }
  figure svg { max-height: 9.5cm; min-width: 0; } footer { margin: 0; } }
"""


def report(
    title: str,
    sections: Mapping[str, Sequence[Block]] | None = None,
    *,
    registrations: RegistrationTally | Sequence[RegistrationTally] | None = None,
    grants: GrantTally | OutcomeCounts | None = None,
    setup: SetupTally | Sequence[SetupTally] | None = None,
    labels: tuple[str, str] = ("before", "after"),
    charts: bool = True,
) -> str:
    """Return one HTML page that needs nothing but itself.

    Give tallies, and the page has their metrics with sentences, tables and charts; give sections,
    and it has what you put there; or both, your sections first.

    Parameters
    ----------
    title : str
        Heading of the page.
    sections : mapping of str to sequence, optional
        Heading of each section to what stands in it: sentences, tables, tallies as tables, and
        charts made by ``lhp_metrics.charts``, which become SVG with their alternative text.
    registrations : RegistrationTally or two of them, optional
        One period's, or those before and after a change: registrations, how they changed, and
        whose part is how large.
    grants : GrantTally or OutcomeCounts, optional
        Applications by outcome: success rates, with what the pending can still change.
    setup : SetupTally or two of them, optional
        Clocks of one period, or before and after a change: how they changed, how long they take
        with the survival curve, and who was within the clock's target.
    labels : tuple of str, default ("before", "after")
        What the two periods of `registrations` and of `setup` are called.
    charts : bool, default True
        Whether the page has charts made from the tallies; they need matplotlib.

    Returns
    -------
    str
        A whole HTML document without scripts or anything from outside; every text is escaped.
        It is light or dark as its reader's browser is, and prints in black on white.

    Raises
    ------
    InvalidTypeError
        If a section is no sequence, such as a bare sentence, or holds something else; the
        message names the section. If `registrations`, `grants` or `setup` are no tallies.
    InvalidInputError
        If there is nothing to report, or two sections would have one heading; and whatever the
        metrics refuse, such as periods that overlap.
    MissingExtraError
        If charts are wanted and matplotlib is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> published = lhp.annual_report_2023_24()
    >>> page = lhp.report(
    ...     "Annual report 2023-24",
    ...     registrations=(published.spark, published.jro),
    ...     labels=("SPARK", "JRO"),
    ...     grants=published.grants,
    ... )
    >>> page.count("<h2"), page.count("<table"), page.count("<svg")
    (4, 3, 3)

    Or what you choose yourself:

    >>> page = lhp.report("Shares", {"JRO": ["Six trusts.", lhp.partner_shares(published.jro)]})
    >>> page.count("<table")
    1
    """
    from html import escape

    of_kind("title", title, str)
    of_kind("sections", {} if sections is None else sections, Mapping)
    for heading in sections or {}:
        of_kind("a section's heading", heading, str)
    parts: list[Part] = [(name, _blocks(name, part)) for name, part in (sections or {}).items()]
    if registrations is not None:
        from lhp_metrics.tallies import RegistrationTally

        tallies = _one_or_two("registrations", registrations, RegistrationTally)
        parts += _registrations(tallies, pair_of_labels(labels), charts)
    if grants is not None:
        parts += _grants(grants, charts)
    if setup is not None:
        from lhp_metrics.tallies.setup import SetupTally

        clocks = _one_or_two("setup", setup, SetupTally)
        parts += _setup(clocks, pair_of_labels(labels), charts)
    if not parts:
        raise InvalidInputError("there is nothing to report: give sections, or a tally")
    twice = [name for name, _ in parts if [name for name, _ in parts].count(name) > 1]
    if twice:
        raise InvalidInputError(f"two sections have the heading {twice[0]!r}")
    body = "".join(
        f'<section aria-labelledby="part-{place}"><h2 id="part-{place}">{escape(heading)}</h2>'
        f"{''.join(_html(heading, block) for block in blocks)}</section>"
        for place, (heading, blocks) in enumerate(parts, start=1)
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>{_table_style()}</head>"
        '<body><a class="skip" href="#main">Skip to the figures</a>'
        f"<header><h1>{escape(title)}</h1>{_contents([heading for heading, _ in parts])}</header>"
        f'<main id="main">{body}</main>'
        f"<footer><p>Made with lhp-metrics {__version__}. Intervals describe the process behind "
        "the counts; the counts themselves are complete.</p></footer></body></html>\n"
    )


def _contents(headings: Sequence[str]) -> str:
    from html import escape

    if len(headings) < 2:
        return ""
    items = "".join(
        f'<li><a href="#part-{place}">{escape(heading)}</a></li>'
        for place, heading in enumerate(headings, start=1)
    )
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>'


def _blocks(heading: str, blocks: Sequence[Block]) -> list[Block]:
    of_kind("the heading of a section", heading, str)
    if isinstance(blocks, str) or not isinstance(blocks, Sequence):
        raise InvalidTypeError(
            f"section {heading!r} must be a list, even of one thing; got {type(blocks).__name__}"
        )
    return list(blocks)


def _html(heading: str, block: Block) -> str:
    from html import escape

    from lhp_metrics.results import Table
    from lhp_metrics.tallies import Tally

    if isinstance(block, str):
        return f"<p>{escape(block)}</p>"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Tally):
        return _table(block.to_table())
    if not _is_chart(block):
        raise InvalidTypeError(
            f"section {heading!r} may hold text, tables, tallies and charts; "
            f"got {type(block).__name__}"
        )
    from lhp_metrics.charts import svg_text

    # What may have to be scrolled must be reachable from the keyboard.
    name = escape(" ".join(block.get_title(loc="left").split()))
    return f'<figure tabindex="0" aria-label="Chart: {name}">{svg_text(block)}</figure>'


def _table(table: Table[Any]) -> str:
    from html import escape

    whole = table.to_html().replace(_table_style(), "")
    name = escape(f"Table: {table.title}")
    opened = f'<div class="lhp-metrics" role="group" tabindex="0" aria-label="{name}">'
    return whole.replace('<div class="lhp-metrics">', opened, 1)


def _table_style() -> str:
    from lhp_metrics.results.display import STYLE as TABLE_STYLE

    return TABLE_STYLE


def _is_chart(block: object) -> bool:
    import sys

    # Whoever has a chart has loaded matplotlib; nobody else need have it.
    axes = sys.modules.get("matplotlib.axes")
    return axes is not None and isinstance(block, axes.Axes)


def _one_or_two(name: str, found: object, kind: type[TallyT]) -> tuple[TallyT, ...]:
    tallies = (found,) if isinstance(found, kind) else found
    if isinstance(tallies, str) or not isinstance(tallies, Sequence) or len(tallies) not in (1, 2):
        got = type(found).__name__
        raise InvalidTypeError(f"{name} must be a {kind.__name__} or two; got {got}")
    for tally in tallies:
        of_kind(name, tally, kind)
    return tuple(tallies)


def _registrations(
    tallies: Sequence[RegistrationTally], labels: tuple[str, str], charts: bool
) -> Iterator[Part]:
    """Yield the sections on registrations: one period's, or two and what changed."""
    from lhp_metrics.metrics.registrations import registration_change
    from lhp_metrics.metrics.shares import partner_shares
    from lhp_metrics.tallies import aligned

    latest, pair = tallies[-1], len(tallies) == 2
    if pair:
        change = registration_change(*tallies)
        blocks: list[Block] = [*_change_sentences(tallies, labels, change), change]
        yield "Registrations", [*blocks, *_drawn(charts, "forest_plot", change)]
        if charts and latest.keys and not latest.overlapping:
            yield "Who brought the change", list(_drawn(charts, "waterfall_plot", change))
    else:
        yield "Registrations", [f"{_counted(latest)} in total.", latest]
    if not latest.keys:
        return
    shares = [partner_shares(tally) for tally in (aligned(*tallies) if pair else tallies)]
    yield (
        "Shares",
        [
            _largest_share(shares[-1], f" in {labels[1]}" * pair),
            shares[-1],
            *(_drawn(charts, "shares_plot", *shares, labels=labels) if pair else ()),
        ],
    )


def _largest_share(shares: Table[PartnerShare], when: str) -> str:
    largest = max(shares, key=lambda row: row.share.value)
    if largest.share.value != largest.share.value:
        return f"Nothing was registered{when}, so there are no shares."
    return f"{largest.name} has the largest share{when}: {largest.share}."


def _counted(tally: RegistrationTally) -> str:
    days = "" if tally.period is None else f" in {tally.period.days:,} days"
    return f"{tally.total:,} registrations{days}"


def _change_sentences(
    tallies: Sequence[RegistrationTally], labels: tuple[str, str], change: RegistrationChanges
) -> Iterator[str]:
    before, after = map(_counted, tallies)
    total = change.total
    yield f"{before} ({labels[0]}), then {after} ({labels[1]}): a rate ratio of {total.rate_ratio}."
    uneven, level = change.heterogeneity, total.rate_ratio.confidence_level
    if uneven.p_value < 1 - level:
        yield (
            f"The groups did not change alike (χ² = {uneven.statistic:.1f} on "
            f"{uneven.degrees_of_freedom} degrees of freedom): the total speaks for none of them."
        )
    yield (
        "Two periods are no trend: they cannot tell a change of pace from a change in what is "
        "registered, a backlog or the time of year."
    )


def _grants(grants: GrantTally | OutcomeCounts, charts: bool) -> Iterator[Part]:
    from lhp_metrics.metrics.success import success_rate, success_rates
    from lhp_metrics.tallies import GrantTally, OutcomeCounts

    of_kind("grants", grants, (GrantTally, OutcomeCounts))
    total = success_rate(grants)
    tally = GrantTally.from_counts({"All": grants}) if isinstance(grants, OutcomeCounts) else grants
    rates = success_rates(tally)
    drawn = _drawn(charts and bool(tally.keys) and _has_value(rates), "forest_plot", rates)
    yield "Grant applications", [_rate_sentence(total), rates, *drawn]


def _has_value(rates: Table[SuccessRate]) -> bool:
    return any(row.rate.value == row.rate.value for row in [*rates, rates.total])


def _rate_sentence(total: SuccessRate) -> str:
    still = (
        "how many are pending not stated" if total.pending is None else f"{total.pending:,} pending"
    )
    counted = f"{total.decided:,} applications decided, {still}"
    if total.successful is None:
        return (
            f"{counted}. How many of the decided succeeded is not known, so there is no success "
            "rate."
        )
    if not total.decided:
        return f"{counted}: there is no success rate yet."
    bounds = ""
    if total.pending:
        bounds = (
            f" Once nothing is pending, the rate will lie between "
            f"{total.if_pending_all_fail:.1%} and {total.if_pending_all_succeed:.1%}."
        )
    return (
        f"{counted}. {total.successful:,} of the decided succeeded, a success rate of "
        f"{total.rate}.{bounds}"
    )


def _setup(tallies: Sequence[SetupTally], labels: tuple[str, str], charts: bool) -> Iterator[Part]:
    """Yield the sections on clocks: what changed, how long they take, who was within target."""
    from lhp_metrics.metrics.setup_change import setup_change
    from lhp_metrics.metrics.setup_times import setup_times
    from lhp_metrics.metrics.within_target import within_target

    latest, pair = tallies[-1], len(tallies) == 2
    if pair:
        change = setup_change(*tallies)
        sentence = f"Before is {labels[0]}, after is {labels[1]}."
        yield "Change in set-up times", [sentence, change.describe(), change]
    times = setup_times(latest)
    drawn = _drawn(charts and times.total.started > 0, "survival_plot", latest)
    yield "Set-up times", [times.describe(), times, *drawn]
    if latest.clock.target_days is not None:
        within = within_target(latest)
        yield "Within target", [within.describe(), within]


def _drawn(wanted: bool, picture: str, *of: Table[Any] | Tally[Any], **how: Any) -> Iterator[Block]:
    """Yield a picture on a figure of its own, which no window or notebook shows."""
    if not wanted:
        return
    from lhp_metrics import charts
    from lhp_metrics.charts._axes import MOST_ROWS, detached_axes, fit_height

    if len(of[0]) > MOST_ROWS - 2:  # Beside the groups there may be a row for each period.
        yield f"There is no chart: {len(of[0]):,} groups are more than one can show."
        return

    draw: Callable[..., Axes] = getattr(charts, picture)
    ax = draw(*of, ax=detached_axes("column"), size="column", **how)
    fit_height(ax, "column", least=2 if picture == "shares_plot" else 1)
    yield ax
