"""How a partnership reads what it is made of."""

import functools
from collections.abc import Iterable
from typing import TypeVar

from lhp_metrics.errors import InvalidTypeError
from lhp_metrics.models._fields import attempt, read_text
from lhp_metrics.models.centres import Centre
from lhp_metrics.models.eras import ServiceEra
from lhp_metrics.models.groups import Group
from lhp_metrics.models.memberships import Membership
from lhp_metrics.models.organisations import Organisation
from lhp_metrics.models.successions import Succession

__all__ = [
    "read_centres",
    "read_eras",
    "read_groups",
    "read_memberships",
    "read_name",
    "read_organisations",
    "read_successions",
]

PartT = TypeVar("PartT")


def _read_all(kind: type[PartT], values: object) -> tuple[PartT, ...]:
    if not isinstance(values, Iterable):
        raise InvalidTypeError(f"must be a collection of {kind.__name__}; got {values!r}")
    several = tuple(values)
    for value in several:
        if not isinstance(value, kind):
            raise InvalidTypeError(f"must be a collection of {kind.__name__}; it holds {value!r}")
    return several


def read_name(value: str) -> str:
    """Convert the field that holds the name of a partnership."""
    return attempt(read_text, value)


def read_organisations(values: Iterable[Organisation]) -> tuple[Organisation, ...]:
    """Convert the field that holds several organisations."""
    return attempt(functools.partial(_read_all, Organisation), values)


def read_successions(values: Iterable[Succession]) -> tuple[Succession, ...]:
    """Convert the field that holds several successions."""
    return attempt(functools.partial(_read_all, Succession), values)


def read_centres(values: Iterable[Centre]) -> tuple[Centre, ...]:
    """Convert the field that holds several centres."""
    return attempt(functools.partial(_read_all, Centre), values)


def read_memberships(values: Iterable[Membership]) -> tuple[Membership, ...]:
    """Convert the field that holds several memberships."""
    return attempt(functools.partial(_read_all, Membership), values)


def read_groups(values: Iterable[Group]) -> tuple[Group, ...]:
    """Convert the field that holds several groups."""
    return attempt(functools.partial(_read_all, Group), values)


def read_eras(values: Iterable[ServiceEra]) -> tuple[ServiceEra, ...]:
    """Convert the field that holds several service eras."""
    return attempt(functools.partial(_read_all, ServiceEra), values)
