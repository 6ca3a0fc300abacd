"""One result of every kind for the tests of what can be made of results, and any that could be."""

import datetime as dt
import functools
import json
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import attrs
import numpy as np
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.estimates import Estimates
from lhp_metrics.results._kinds import ROWS, TABLES, row_class, table_class
from lhp_metrics.results.columns import field_types, row_columns
from setup_histories import one_site

# Rows that are results by themselves and never stand in a table.
ALONE = ("Concentration",)
WRITTEN_BY = Path(__file__).parent / "data" / "results"


@functools.cache
def every_table():
    """Tables by name, from published figures and from a few records."""
    report = lhp.annual_report_2023_24()
    rfpb = lhp.nihr_rfpb_success_rates().one_stage
    grants = [
        grant("G1", "successful", "REM", "£250,000", "£240,000", "2023-09-01"),
        grant("G2", "unsuccessful", "REM", "£120,000.50", None, "2023-10-01"),
        grant("G3", "unsuccessful", "REN", "£85,000", None, "2023-10-01"),
        grant("G4", "pending", "REN", "£40,000", None, None),
        grant("G5", "successful", "REP", "£60,000.25", "£60,000", "2023-12-01", ["REM", "REN"]),
    ]
    year = lhp.Period.financial_year("2023-24")
    by_lead = lhp.tally_grants(grants, by="lead", period=year, as_of="2024-03-31")
    parts = lhp.tally_grants(
        grants, by="organisation", period=year, attribution="fractional", as_of="2024-03-31"
    )
    months = lhp.RegistrationTally.from_counts(
        {lhp.Period.month(f"2023-{month:02d}"): 10 + month for month in range(4, 13)}, by="month"
    )
    two_keys = lhp.GrantTally.from_counts(
        {
            (lhp.Period.financial_year(name), funder): lhp.OutcomeCounts(
                successful=won, unsuccessful=8, pending=won
            )
            for name in ("2022-23", "2023-24")
            for funder, won in (("NIHR", 3), ("not stated", 0))
        },
        by=("financial_year", "funder"),
    )
    hidden_split = lhp.GrantTally.from_counts(
        {"NIHR": report.grants, "MRC": lhp.OutcomeCounts(successful=0, unsuccessful=0)}, by="funder"
    )
    unstated = lhp.GrantTally.from_counts(
        {
            "NIHR": lhp.OutcomeCounts(successful=12, unsuccessful=20, unstated=["pending"]),
            "MRC": lhp.OutcomeCounts(successful=3, unsuccessful=5, pending=2),
        },
        by="funder",
    )
    change = lhp.registration_change(report.spark, report.jro)
    expected = dict.fromkeys(report.jro, 20.5)
    clocks, earlier = (clocks_as_of(day, faster) for day, faster in (DAYS[1], DAYS[0]))
    decisions = lhp.tally_decisions(grants, by="funder", as_of="2024-03-31")
    return {
        "registration_change": change,
        "registration_change_suppressed": lhp.suppress(change, rule=lhp.SuppressionRule(5)),
        "registration_change_picked": change.pick("rate_ratio", "before").rename(
            {"rate_ratio": "Times as many"}
        ),
        "success_rates": lhp.success_rates(rfpb),
        "success_rates_two_keys": lhp.success_rates(two_keys),
        "success_rates_split_hidden": lhp.success_rates(hidden_split),
        "success_rates_unstated": lhp.success_rates(unstated),
        "forecast_unstated": lhp.forecast_successes(unstated),
        "compare_unstated": lhp.compare_success_rates(unstated),
        "grant_counts_unstated": unstated.to_table(),
        "possible_success_rates": lhp.possible_success_rates(report.grants),
        "success_rate_change": lhp.success_rate_change(rfpb["2010-11"], rfpb["2011-12"]),
        "compare_success_rates": lhp.compare_success_rates(rfpb),
        "value_success_rates": lhp.value_success_rates(by_lead),
        "forecast_successes": lhp.forecast_successes(two_keys, prior="others"),
        "funnel": lhp.funnel(rfpb),
        "funnel_of_registrations": lhp.funnel(report.jro, expected=expected),
        "control_chart": lhp.control_chart(months),
        "control_chart_of_values": lhp.control_chart([1.5, 2.0, 9.0]),
        "partner_shares": lhp.partner_shares(report.jro),
        "partner_shares_of_parts": lhp.partner_shares(parts),
        "partner_shares_of_pounds": lhp.partner_shares(by_lead, of="pounds_requested"),
        "partner_shares_of_parted_pounds": lhp.partner_shares(parts, of="pounds_requested"),
        "share_change": lhp.share_change(report.spark, report.jro),
        "per_head": lhp.per_head(
            report.jro.to_table(), dict.fromkeys(report.jro, 1_700.0), count="registrations"
        ),
        "registration_counts": report.jro.to_table(),
        "grant_counts": hidden_split.to_table(),
        "grant_counts_in_parts": parts.to_table(),
        "clock_counts": clocks.to_table(),
        "setup_times": lhp.setup_times(clocks),
        "within_target": lhp.within_target(clocks),
        "setup_change": lhp.setup_change(earlier, clocks),
        "time_to_decision": lhp.time_to_decision(decisions),
        "time_and_target": lhp.time_and_target(recruiting(), "2024-06-30", by="organisation"),
    }


DAYS = (("2024-03-31", 0), ("2025-03-31", 7))
OPENED_AFTER = {"REM": (31, 45, 52, 61, 90, 118, None), "REN": (20, 58, 75, None, None)}


def clocks_as_of(as_of, faster):
    """Clocks of a financial year, of which some run on; later years are `faster` by so many."""
    end = dt.date.fromisoformat(as_of)
    start = end - dt.timedelta(days=200)
    studies = [
        one_site(
            f"{code}{number}",
            code,
            start + dt.timedelta(days=10 * number),
            None if wait is None else wait - faster,
        )
        for code, waits in OPENED_AFTER.items()
        for number, wait in enumerate(waits)
    ]
    late = one_site("late", "REN", end - dt.timedelta(days=20), 11)
    return lhp.tally_setup(
        [*studies, late],
        clock="hra-approval-to-open",
        as_of=end,
        period=lhp.Period(dt.date(end.year - 1, 4, 1), end),
    )


def recruiting():
    """Studies open and closed, of two organisations."""
    return [
        lhp.Study(
            study_id=number,
            sites=[
                lhp.StudySite(
                    code,
                    opened_on="2024-01-01",
                    planned_closing_on="2024-12-31",
                    closed_on=closed,
                    target=60,
                    recruited=recruited,
                )
            ],
        )
        for number, (code, recruited, closed) in enumerate(
            [
                ("REM", 33, None),
                ("REM", 12, None),
                ("REN", 60, "2024-06-01"),
                ("REN", 9, "2024-05-01"),
            ]
        )
    ]


def grant(reference, outcome, lead, requested, awarded, decided_on, partners=()):
    return lhp.Grant(
        reference=reference,
        submitted_on="2023-05-01",
        outcome=outcome,
        decided_on=decided_on,
        lead=lead,
        partners=list(partners),
        amount_requested=requested,
        amount_awarded=awarded,
        funder="NIHR",
    )


@functools.cache
def every_row():
    """Single results by name: the first row of every table, its total, and what stands alone."""
    rows = {f"{name}_row": next(iter(table)) for name, table in every_table().items() if len(table)}
    totals = {name: table.total for name, table in every_table().items() if table.has_total}
    jro = lhp.annual_report_2023_24().jro
    return rows | totals | {"concentration": lhp.concentration(jro, resamples=200)}


texts = st.text(max_size=8)
floats = st.floats()
levels = st.floats(0.01, 0.99)
days = st.dates(dt.date(2017, 1, 1), dt.date(2027, 12, 31))
whole = st.integers(0, 2**53)
fractions = st.fractions(0, 2**53, max_denominator=12)  # counts are below it
words = texts.filter(str.strip)
pounds = st.decimals(0, 10**9, places=2)


@st.composite
def any_period(draw):
    first, last = sorted((draw(days), draw(days)))
    return lhp.Period(first, last)


parts_of_keys = texts | any_period() | st.integers(-9, 99) | st.booleans()
keys = parts_of_keys | st.tuples(parts_of_keys, parts_of_keys)


@st.composite
def provenances(draw):
    spans = draw(st.lists(st.tuples(texts, any_period()), max_size=2))
    return lhp.Provenance(
        definition=draw(texts),
        periods=tuple((label, period.start, period.end) for label, period in spans),
        dated_by=draw(st.none() | texts),
        as_of=draw(st.none() | days),
        basis=draw(st.none() | texts),
        attribution=draw(st.none() | texts),
        exposure=draw(st.none() | texts),
        method=draw(st.none() | texts),
        confidence_level=draw(st.none() | levels),
        records_in=draw(st.none() | whole | fractions),
        records_excluded=draw(st.dictionaries(texts, whole, max_size=2)),
        notes=tuple(draw(st.lists(texts, max_size=2))),
        library_version=draw(texts),
    )


def literals(hint):
    for part in (hint, *get_args(hint)):
        if "Literal" in str(get_origin(part)):
            return get_args(part)
    return None


@st.composite
def cells(draw, held, known, column, absent, mask):
    """One column of cells of the types held; `known` are the texts that a field may be."""
    size = len(mask)

    def some(strategy):
        return draw(st.lists(strategy, min_size=size, max_size=size))

    if lhp.Estimate in held:
        ends = (np.array(some(floats), dtype=float) for _ in range(3))
        value, *ends = (np.where(mask, np.nan, end) for end in ends)
        limits = (value, np.minimum(*ends), np.maximum(*ends))
        return Estimates(*limits, draw(levels), draw(texts), draw(texts))
    if str in held:
        return objects(some((st.sampled_from(known) if known else texts) | absent))
    if bool in held:
        return np.array(some(st.booleans()), dtype=bool)
    if column.given:
        return np.array(some(st.floats(allow_nan=False, allow_infinity=False)), dtype=np.float64)
    if held & {Fraction, Decimal} and (draw(st.booleans()) or not held & {int, float}):
        parts = fractions if int in held else fractions.filter(lambda part: part.denominator > 1)
        strategies = {Fraction: parts, Decimal: pounds, int: whole}
        return objects(some(st.one_of(absent, *(strategies[t] for t in held & set(strategies)))))
    return numbers(some, held, column)


def numbers(some, held, column):
    if int in held and (column.whole or column.optional):
        gaps = st.just(math.nan) if column.optional else st.nothing()
        return np.array(some(whole | gaps), dtype=np.float64)
    if int in held:
        return np.array(some(whole), dtype=np.int64)
    return np.array(some(floats), dtype=np.float64)


@st.composite
def columns_of(draw, row_type, size):
    """Columns as a metric could have made them, some cells of them hidden."""
    hints, types = get_type_hints(row_type), field_types(row_type)
    columns, hidden = {}, {}
    suppressed = draw(st.booleans()) and not row_type.never_suppressed
    rows = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), dtype=bool)
    rows &= suppressed
    for name, column in row_columns(row_type):
        held = types[name]
        mask = np.full(size, rows.any()) if column.pooled else rows
        absent = st.none() if type(None) in held else st.nothing()

        columns[name] = draw(cells(held, literals(hints[name]), column, absent, mask))
        if suppressed:
            columns[name] = blanked(columns[name], mask)
            hidden[name] = mask
    return columns, hidden


def objects(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def blanked(values, mask):
    """Hide cells as `suppress` does."""
    if isinstance(values, Estimates) or not mask.any():
        return values
    if values.dtype.kind == "f":
        return np.where(mask, np.nan, values)
    result = values.astype(object)
    result[mask] = None
    return result


@st.composite
def any_table(draw, names=tuple(name for name in ROWS if name not in ALONE)):
    """Return a table of any kind with anything in it that its classes allow."""
    row_type = row_class(draw(st.sampled_from(names)))
    kind = draw(st.sampled_from([lhp.Table, *own_tables(row_type)]))
    by = tuple(draw(st.lists(words, max_size=2)))
    parts = parts_of_keys | st.lists(parts_of_keys, max_size=2).map(tuple)
    known = st.tuples(*[parts] * len(by)) if len(by) > 1 else keys
    found = tuple(draw(st.lists(known, max_size=3, unique=True)))
    has_total = draw(st.booleans())
    columns, hidden = draw(columns_of(row_type, len(found) + has_total))
    own = {"facts": {}}
    plain = {field.name for field in attrs.fields(lhp.Table)}
    for field in attrs.fields(kind):
        if field.name not in plain:
            own["facts"][field.name] = draw(facts(get_type_hints(kind)[field.name]))
    return kind(
        row_type=row_type,
        title=draw(texts),
        by=by,
        keys=found,
        names=tuple(draw(st.lists(texts, min_size=len(found), max_size=len(found)))),
        columns=columns,
        provenance=draw(provenances()),
        has_total=has_total,
        specs=draw(
            st.dictionaries(st.sampled_from(numeric(row_type)), st.sampled_from([".1%", ",.2f"]))
        ),
        headings=draw(st.dictionaries(st.sampled_from(list(columns)), words)),
        hidden=hidden,
        picked=draw(
            st.none() | st.lists(st.sampled_from(list(columns)), min_size=1, unique=True).map(tuple)
        ),
        **own["facts"],
    )


def own_tables(row_type):
    """Return the kinds of table that are made of such rows alone."""
    kinds = map(table_class, TABLES)
    return [kind for kind in kinds if kind is not lhp.Table and _rows_of(kind) is row_type]


def _rows_of(kind):
    (base,) = kind.__orig_bases__
    return get_args(base)[0]


def numeric(row_type):
    return [name for name, held in field_types(row_type).items() if not held & {str, bool}]


def facts(hint):
    if attrs.has(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{f.name: facts(hints[f.name]) for f in attrs.fields(hint)})
    return {float: floats, int: whole, str: texts, bool: st.booleans()}[hint]


def strictly(text):
    """Read JSON that has no NaN and no Infinity, which RFC 8259 does not know."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def golden():
    """Files of results that older versions wrote."""
    return sorted(WRITTEN_BY.glob("*/*.json"))


def results_of_today():
    """Every result that the newest of these files hold, as it is made now from the same records."""
    singles = {f"single_{name}": row for name, row in every_row().items()}
    return every_table() | {name: row for name, row in singles.items() if newest(name).exists()}


def newest(name):
    """Return the file of a result that the newest version wrote."""
    versions = {tuple(map(int, folder.name.split("."))): folder for folder in WRITTEN_BY.iterdir()}
    return versions[max(versions)] / f"{name}.json"
