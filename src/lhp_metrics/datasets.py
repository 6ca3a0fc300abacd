"""Liverpool Health Partners: who its organisations are, each fact with its source.

The facts are in JSON files beside the library's code, every one with its sources and, where a
reader should know more, a note. An unknown value is None, never a guess.
"""

import functools
from typing import Any

from lhp_metrics.models import (
    Centre,
    CentrePartner,
    DatedName,
    Organisation,
    Partnership,
    Succession,
    Trust,
    University,
)

__all__ = ["liverpool_health_partners"]

_KINDS: dict[str, type[Organisation]] = {
    "organisation": Organisation,
    "trust": Trust,
    "university": University,
}


@functools.cache
def liverpool_health_partners() -> Partnership:
    """Return Liverpool Health Partners: its trusts, universities, successions and centres.

    Returns
    -------
    Partnership
        With the predecessors of today's trusts. Every spelling of the annual report 2023-24
        and of LHP's other documents resolves.

    Notes
    -----
    Dates that no source states are None. Where sources disagree, as on the launch of the
    Liverpool Centre for Cardiovascular Science, the date is None and the note names them.

    References
    ----------
    .. [1] NHS England, Organisation Data Service, file etr, December 2025 (Open Government
       Licence v3.0), for the trusts' codes, names and dates.
    .. [2] Liverpool Health Partners, annual report 2023-24. The bundled file names the others.

    Examples
    --------
    >>> lhp = liverpool_health_partners()
    >>> lhp.resolve("Royal Liverpool & Broadgreen").code
    'RQ6'
    >>> lhp.successor("RQ6").name
    'Liverpool University Hospitals NHS Foundation Trust'
    """
    facts = _bundled("liverpool_health_partners.json")
    return Partnership(
        _value(facts["name"]),
        [_organisation(stated) for stated in facts["organisations"]],
        successions=[_succession(stated) for stated in facts["successions"]],
        centres=[_centre(stated) for stated in facts["centres"]],
    )


def _organisation(facts: dict[str, Any]) -> Organisation:
    fields = {
        field: _value(facts[field])
        for field in ("code", "short_name", "opened_on", "closed_on", "ukprn")
        if field in facts
    }
    return _KINDS[facts["kind"]](
        names=[
            DatedName(name["name"], name["first_on"], name["last_on"]) for name in facts["names"]
        ],
        aliases=[_value(alias) for alias in facts["aliases"]],
        note=facts["note"],
        **fields,
    )


def _centre(facts: dict[str, Any]) -> Centre:
    return Centre(
        name=_value(facts["name"]),
        acronym=_value(facts["acronym"]),
        launched_on=_value(facts["launched_on"]),
        launch_precision=facts["launch_precision"],
        partners=[
            CentrePartner(
                partner["organisation"],
                joined_on=partner["joined_on"],
                left_on=partner["left_on"],
            )
            for partner in facts["partners"]
        ],
        note=facts["note"],
    )


def _succession(facts: dict[str, Any]) -> Succession:
    return Succession(**{name: facts[name] for name in facts if name != "source"})


def _value(fact: dict[str, Any]) -> Any:
    return fact["value"]


def _bundled(name: str) -> dict[str, Any]:
    import json
    from importlib.resources import files

    content: dict[str, Any] = json.loads((files("lhp_metrics") / "data" / name).read_text("utf-8"))
    return content
