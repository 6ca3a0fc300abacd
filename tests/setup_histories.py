"""Studies in set-up: approved, opened, closed, before and after a day that is asked about."""

import datetime as dt

from hypothesis import strategies as st

import lhp_metrics as lhp

__all__ = ["histories", "one_site", "site", "study"]


def study(name="S1", approved="2024-01-01", *sites, **fields):
    return lhp.Study(study_id=name, hra_approval_on=approved, sites=sites, **fields)


def site(code="REM", opened=None, **fields):
    return lhp.StudySite(code, opened_on=opened, **fields)


def one_site(name, code, approved, wait):
    """A study whose only site opened so many days after its approval; None waits still."""
    opened = None if wait is None else approved + dt.timedelta(days=wait)
    return study(name, approved, site(code, opened))


@st.composite
def histories(draw, most=12):
    """Studies with approvals and openings on, before and after the as-of date."""
    found = []
    for number in range(draw(st.integers(0, most))):
        approved = dt.date(2024, 1, 1) + dt.timedelta(days=draw(st.integers(0, 220)))
        sites = []
        for code in draw(st.lists(st.sampled_from(["REM", "REN", "RET"]), unique=True, max_size=3)):
            wait = draw(st.none() | st.integers(0, 200))
            opened = None if wait is None else approved + dt.timedelta(days=wait)
            after = draw(st.none() | st.integers(0, 60))
            closed = None if after is None else (opened or approved) + dt.timedelta(days=after)
            sites.append(lhp.StudySite(code, opened_on=opened, closed_on=closed))
        found.append(lhp.Study(study_id=number, hra_approval_on=approved, sites=sites))
    return found
