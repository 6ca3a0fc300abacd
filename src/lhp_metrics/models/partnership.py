"""A partnership: its organisations, what became of them, and the centres they run."""

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeVar

import attrs

from lhp_metrics import _checks
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.models._fields import argument, is_read, read_date, read_text, refuse_faults
from lhp_metrics.models._names import NameIndex, plain_name
from lhp_metrics.models._organisation_fields import Shares, read_organisation
from lhp_metrics.models._partnership_fields import (
    read_centres,
    read_eras,
    read_groups,
    read_memberships,
    read_name,
    read_organisations,
    read_successions,
)
from lhp_metrics.models._succession_graph import SuccessionGraph
from lhp_metrics.models.centres import Centre
from lhp_metrics.models.eras import ServiceEra, overlapping_eras
from lhp_metrics.models.groups import Group
from lhp_metrics.models.memberships import Membership
from lhp_metrics.models.organisations import Organisation
from lhp_metrics.models.period import Period
from lhp_metrics.models.successions import Lineage, Succession

__all__ = ["Partnership", "UnknownMembership"]

UnknownMembership = Literal["include", "exclude", "error"]

NamedT = TypeVar("NamedT", Centre, Group, ServiceEra)


@attrs.frozen
class Partnership:
    """Who is who among organisations that work together, on any date.

    Parameters
    ----------
    name : str
        What it is called.
    organisations : iterable of Organisation
        Everyone that its records may name, predecessors included; each code once.
    successions : iterable of Succession, optional
        What became of those that ended. An organisation whose work went to several needs the
        portion of each; what the portions leave stays with it.
    centres : iterable of Centre, optional
        Research centres that the organisations run.
    memberships : iterable of Membership, optional
        Who belongs to it; an organisation may leave and come back.
    groups : iterable of Group, optional
        Members that act together without a merger.
    eras : iterable of ServiceEra, optional
        Which service registered its studies, when.

    Raises
    ------
    InvalidInputError
        If a code is listed twice or not at all, a name means two organisations on one day,
        successions go in a circle, or a split is not stated; the message lists every fault.

    Examples
    --------
    >>> from lhp_metrics.models import DatedName, Trust
    >>> luhft = Trust(
    ...     code="REM",
    ...     names=[
    ...         DatedName("Aintree University Hospital NHS Foundation Trust", None, "2019-09-30"),
    ...         DatedName("Liverpool University Hospitals NHS Foundation Trust", "2019-10-01"),
    ...     ],
    ... )
    >>> royal = Trust(code="RQ6", names="Royal Liverpool and Broadgreen University Hospitals")
    >>> merger = Succession(
    ...     predecessor=royal, successor=luhft, on="2019-10-01", kind="acquisition"
    ... )
    >>> partners = Partnership("Example", [luhft, royal], successions=[merger])
    >>> partners.resolve("Aintree University Hospital FT").code
    'REM'
    >>> partners.successor("RQ6").code, partners.successor("RQ6", on="2019-09-30").code
    ('REM', 'RQ6')
    """

    name: str = attrs.field(converter=read_name)
    organisations: tuple[Organisation, ...] = attrs.field(converter=read_organisations)
    successions: tuple[Succession, ...] = attrs.field(
        default=(), converter=read_successions, kw_only=True
    )
    centres: tuple[Centre, ...] = attrs.field(default=(), converter=read_centres, kw_only=True)
    memberships: tuple[Membership, ...] = attrs.field(
        default=(), converter=read_memberships, kw_only=True
    )
    _groups: tuple[Group, ...] = attrs.field(
        default=(), converter=read_groups, kw_only=True, alias="groups"
    )
    eras: tuple[ServiceEra, ...] = attrs.field(default=(), converter=read_eras, kw_only=True)

    def __attrs_post_init__(self) -> None:
        read = is_read(*attrs.astuple(self, recurse=False)[1:])  # All but the name.
        refuse_faults("partnership", self.name, self, self._broken_rules() if read else ())

    def organisation(self, code: str | Organisation) -> Organisation:
        """Return the organisation of a code.

        Parameters
        ----------
        code : str or Organisation
            Its code, capitals or not; `resolve` takes names too.

        Returns
        -------
        Organisation

        Raises
        ------
        NotFoundError
            If no organisation has that code; the message lists near ones.
        """
        wanted = argument("code", read_organisation, code)
        try:
            return self._by_code[wanted.casefold()]
        except KeyError:
            near = _checks.near_matches(wanted, (known.code for known in self.organisations))
            raise NotFoundError(f"{self.name}: no organisation has code {wanted!r}{near}") from None

    def resolve(self, text: str | Organisation, on: dt.date | str | None = None) -> Organisation:
        """Return the organisation that a code, name or alias means.

        Capitals, punctuation, "&" and "and", a leading "The", "NHS", "FT" and "(Foundation)
        Trust" make no difference. A misspelling is known only where it is listed as an alias.

        Parameters
        ----------
        text : str or Organisation
            As the source wrote it. A former name means the organisation whatever the date.
        on : datetime.date or str, optional
            The date that the source speaks of; it only decides between organisations that bore
            the same name at different times.

        Returns
        -------
        Organisation

        Raises
        ------
        NotFoundError
            If the name is unknown or means several; the message lists near names.
        """
        wanted = argument("text", read_organisation, text)
        day = None if on is None else argument("on", read_date, on)
        found = self._names.find(wanted)
        meant = {name.organisation for name in found}
        if day is not None:
            then = {name.organisation for name in found if name.in_force(day)}
            meant = then if len(then) == 1 else meant
        if len(meant) == 1:
            return meant.pop()
        when, say = ("", "say the date") if day is None else (f" on {day}", "say it by its code")
        if meant:
            several = " or ".join(f"{known.name!r} ({known.code})" for known in sorted(meant))
            raise NotFoundError(f"{self.name}: {wanted!r}{when} may mean {several}; {say}")
        known_names = self._names.spellings()
        near = _checks.near_matches(plain_name(wanted), known_names, shown=known_names)
        raise NotFoundError(f"{self.name}: no organisation is called {wanted!r}{near}")

    def successor(
        self, code: str | Organisation, on: dt.date | str | None = None
    ) -> Organisation | None:
        """Return the organisation that carries an organisation's work.

        Parameters
        ----------
        code : str or Organisation
            The organisation, existing or not.
        on : datetime.date or str, optional
            The date asked about; by default after every succession known.

        Returns
        -------
        Organisation or None
            Itself while it exists; None if it closed without a known successor.

        Raises
        ------
        NotFoundError
            If the code is unknown, or the work was split between several: see `successors`.
        """
        parts = self.successors(code, on=on)
        if len(parts) > 1:
            listed = ", ".join(f"{successor} ({part})" for successor, part in parts.items())
            what = f"the work of {read_organisation(code)!r} was split between {listed}"
            raise NotFoundError(f"{self.name}: {what}; successors() gives all")
        return next(map(self.organisation, parts), None)

    def successors(self, code: str | Organisation, on: dt.date | str | None = None) -> Shares:
        """Return all organisations that carry an organisation's work, with the part of each.

        Parameters
        ----------
        code : str or Organisation
            The organisation, existing or not.
        on : datetime.date or str, optional
            The date asked about; by default after every succession known.

        Returns
        -------
        mapping of str to Fraction
            Codes and exact parts. They add up to 1 but for what ended without a known successor.

        Raises
        ------
        NotFoundError
            If the code is unknown.
        """
        day = dt.date.max if on is None else argument("on", read_date, on)
        return self._graph.holders(self.organisation(code).code, day)

    def lineage(self, code: str | Organisation) -> Lineage:
        """Return the organisations whose work an organisation carries today, and itself.

        Parameters
        ----------
        code : str or Organisation
            The organisation.

        Returns
        -------
        Lineage

        Raises
        ------
        NotFoundError
            If the code is unknown.
        """
        own = self.organisation(code).code
        codes = {own} | {
            known.code for known in self.organisations if own in self.successors(known)
        }
        steps = sorted(
            (step for step in self.successions if {step.predecessor, step.successor} <= codes),
            key=lambda step: (step.on, step.predecessor),
        )
        ended = dict.fromkeys(step.predecessor for step in steps if step.predecessor != own)
        return Lineage(own, (*ended, own), tuple(steps))

    def centre(self, name: str) -> Centre:
        """Return a centre by its acronym or name; NotFoundError lists near ones.

        Parameters
        ----------
        name : str
            Capitals or not.

        Returns
        -------
        Centre
        """
        return self._named("centre", self.centres, name)

    def group(self, name: str) -> Group:
        """Return a group by its name; NotFoundError lists near ones.

        Parameters
        ----------
        name : str
            Capitals or not.

        Returns
        -------
        Group
        """
        return self._named("group", self._groups, name)

    def era(self, name: str) -> ServiceEra:
        """Return a service era by its name; NotFoundError lists near ones.

        Parameters
        ----------
        name : str
            Capitals or not.

        Returns
        -------
        ServiceEra
        """
        return self._named("service era", self.eras, name)

    def groups(self, on: dt.date | str | None = None) -> Mapping[str, tuple[str, ...]]:
        """Return the groups, as `RegistrationTally.regroup` takes them.

        Parameters
        ----------
        on : datetime.date or str, optional
            Only those that existed then; an unknown bound counts as open. All by default.

        Returns
        -------
        mapping of str to tuple of str
            Name to codes of the members. `group` gives kind, dates and note.
        """
        day = None if on is None else argument("on", read_date, on)
        found = [group for group in self._groups if day is None or group.exists_on(day)]
        return {group.name: group.members for group in found}

    def members(
        self, on: dt.date | str | Period, unknown: UnknownMembership = "error"
    ) -> tuple[str, ...]:
        """Return the codes of the members on a date, or on all days of a period.

        Parameters
        ----------
        on : datetime.date, str or Period
            The date or the period asked about.
        unknown : {"error", "include", "exclude"}, default "error"
            What to do with an organisation of which it is not known whether it was a member.

        Returns
        -------
        tuple of str

        Raises
        ------
        InvalidInputError
            With ``unknown="error"``, if a membership is not known then; all are named.
        """
        _checks.choice("unknown", unknown, ("error", "include", "exclude"))
        when = on if isinstance(on, Period) else argument("on", read_date, on)
        answers: dict[str, set[bool | None]] = {}
        for known in self.memberships:
            was = known.throughout(when) if isinstance(when, Period) else known.on(when)
            answers.setdefault(known.organisation, set()).add(was)
        doubtful = [code for code, was in answers.items() if True not in was and None in was]
        if doubtful and unknown == "error":
            raise InvalidInputError(
                f"{self.name}: membership on {when} is not known of {', '.join(doubtful)}; say "
                "unknown='include' or 'exclude'"
            )
        if unknown == "exclude":
            return tuple(code for code, was in answers.items() if True in was)
        return tuple(code for code, was in answers.items() if was != {False})

    def _named(self, kind: str, several: Iterable[NamedT], name: str) -> NamedT:
        wanted = plain_name(argument("name", read_text, name))
        by_name = {known: item for item in several for known in _names_of(item)}
        if meant := [item for known, item in by_name.items() if plain_name(known) == wanted]:
            return meant[0]
        near = _checks.near_matches(name, by_name)
        raise NotFoundError(f"{self.name}: no {kind} is called {name!r}{near}")

    @functools.cached_property
    def _by_code(self) -> dict[str, Organisation]:
        return {known.code.casefold(): known for known in self.organisations}

    @functools.cached_property
    def _names(self) -> NameIndex:
        return NameIndex(self.organisations)

    @functools.cached_property
    def _graph(self) -> SuccessionGraph:
        return SuccessionGraph(self.successions)

    def _broken_rules(self) -> Iterator[str]:
        counts = Counter(known.code for known in self.organisations)
        yield from (f"code {code!r} is listed twice" for code, n in counts.items() if n > 1)
        yield from self._names.clashes()
        yield from self._graph.faults({body.code: body.closed_on for body in self.organisations})
        for kind, several in (
            ("centres", self.centres),
            ("groups", self._groups),
            ("service eras", self.eras),
        ):
            called = Counter(plain_name(name) for item in several for name in _names_of(item))
            yield from (f"two {kind} are called {name!r}" for name, n in called.items() if n > 1)
        known = {organisation.code for organisation in self.organisations}
        for where, codes in self._mentions():
            for code in codes:
                if code is not None and code not in known:
                    near = _checks.near_matches(code, known)
                    yield f"{where} names {code!r}, which is not listed{near}"
        yield from overlapping_eras(self.eras)

    def _mentions(self) -> Iterator[tuple[str, Iterable[str | None]]]:
        """Yield where organisations are named, and which."""
        for step in self.successions:
            yield f"the succession of {step.predecessor!r}", (step.predecessor, step.successor)
        for centre in self.centres:
            yield f"centre {centre.name!r}", (partner.organisation for partner in centre.partners)
        for group in self._groups:
            yield f"group {group.name!r}", group.members
        yield "a membership", dict.fromkeys(known.organisation for known in self.memberships)


def _names_of(item: Centre | Group | ServiceEra) -> list[str]:
    return [item.name, *([item.acronym] if isinstance(item, Centre) and item.acronym else [])]
