"""A partnership: its organisations, what became of them, and the centres they run."""

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

import attrs

from lhp_metrics import _checks
from lhp_metrics.errors import InvalidTypeError, NotFoundError
from lhp_metrics.models._fields import (
    argument,
    attempt,
    is_read,
    read_date,
    read_text,
    refuse_faults,
)
from lhp_metrics.models._names import NameIndex, plain_name
from lhp_metrics.models._organisation_fields import Shares, read_organisation
from lhp_metrics.models._succession_graph import SuccessionGraph
from lhp_metrics.models.centres import Centre
from lhp_metrics.models.organisations import Organisation
from lhp_metrics.models.successions import Succession

__all__ = ["Lineage", "Partnership"]

PartT = TypeVar("PartT")


@attrs.frozen
class Lineage:
    """The organisations whose work one organisation carries today.

    Parameters
    ----------
    organisation : str
        Code of the organisation.
    codes : tuple of str
        Codes of its predecessors, those that ended first before the others, and its own last.
    successions : tuple of Succession
        How their work came to it, by date.
    """

    organisation: str
    codes: tuple[str, ...]
    successions: tuple[Succession, ...]


def _read_all(kind: type[PartT], values: object) -> tuple[PartT, ...]:
    if not isinstance(values, Iterable):
        raise InvalidTypeError(f"must be a collection of {kind.__name__}; got {values!r}")
    several = tuple(values)
    for value in several:
        if not isinstance(value, kind):
            raise InvalidTypeError(f"must be a collection of {kind.__name__}; it holds {value!r}")
    return several


def _name(value: str) -> str:
    return attempt(read_text, value)


def _organisations(values: Iterable[Organisation]) -> tuple[Organisation, ...]:
    return attempt(functools.partial(_read_all, Organisation), values)


def _successions(values: Iterable[Succession]) -> tuple[Succession, ...]:
    return attempt(functools.partial(_read_all, Succession), values)


def _centres(values: Iterable[Centre]) -> tuple[Centre, ...]:
    return attempt(functools.partial(_read_all, Centre), values)


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

    name: str = attrs.field(converter=_name)
    organisations: tuple[Organisation, ...] = attrs.field(converter=_organisations)
    successions: tuple[Succession, ...] = attrs.field(
        default=(), converter=_successions, kw_only=True
    )
    centres: tuple[Centre, ...] = attrs.field(default=(), converter=_centres, kw_only=True)

    def __attrs_post_init__(self) -> None:
        read = is_read(self.organisations, self.successions, self.centres)
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
        found = self._names.find(wanted)
        meant = {name.organisation for name in found}
        if len(meant) > 1 and on is not None:
            day = argument("on", read_date, on)
            then = {name.organisation for name in found if name.in_force(day)}
            meant = then if len(then) == 1 else meant
        if len(meant) == 1:
            return meant.pop()
        when = "" if on is None else f" on {on}"
        if meant:
            several = " or ".join(f"{known.name!r} ({known.code})" for known in sorted(meant))
            raise NotFoundError(f"{self.name}: {wanted!r}{when} may mean {several}; say the date")
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
            raise NotFoundError(
                f"{self.name}: the work of {read_organisation(code)!r} was split between"
                f" {listed}; successors() gives all"
            )
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
        """Return a centre.

        Parameters
        ----------
        name : str
            Its acronym or name, capitals or not.

        Returns
        -------
        Centre

        Raises
        ------
        NotFoundError
            If no centre is called that; the message lists near ones.
        """
        wanted = plain_name(argument("name", read_text, name))
        for centre in self.centres:
            if wanted in map(plain_name, _centre_names(centre)):
                return centre
        known = (known for centre in self.centres for known in _centre_names(centre))
        near = _checks.near_matches(name, known)
        raise NotFoundError(f"{self.name}: no centre is called {name!r}{near}")

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
        for step in self.successions:
            stated = [code for code in (step.predecessor, step.successor) if code is not None]
            yield from self._unlisted(f"the succession of {step.predecessor!r}", stated)
        closed_on = {known.code: known.closed_on for known in self.organisations}
        yield from self._graph.faults(closed_on)
        called = Counter(plain_name(name) for c in self.centres for name in _centre_names(c))
        yield from (f"two centres are called {name!r}" for name, n in called.items() if n > 1)
        for centre in self.centres:
            partners = [partner.organisation for partner in centre.partners]
            yield from self._unlisted(f"centre {centre.name!r}", partners)

    def _unlisted(self, where: str, codes: list[str]) -> Iterator[str]:
        known = {organisation.code for organisation in self.organisations}
        for code in codes:
            if code not in known:
                near = _checks.near_matches(code, known)
                yield f"{where} names {code!r}, which is not listed{near}"


def _centre_names(centre: Centre) -> Iterator[str]:
    yield centre.name
    if centre.acronym is not None:
        yield centre.acronym
