"""The house's words in our own: outcomes, funders, organisations."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from lhp_metrics._checks import as_word, meanings, near_matches
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.models import Partnership

__all__ = ["CellError", "Names", "UnknownFunder", "Words"]

# A name may have commas, but is not made of ODS codes.
_CODES = re.compile("[A-Z][A-Z0-9]{2,4}(?: *, *[A-Z][A-Z0-9]{2,4})+")

_SEVERAL = "between several stand semicolons, not commas"

UnknownFunder = Literal["error", "keep", "other"]


class CellError(InvalidInputError):
    """A cell breaks a rule; `hint` is particular to its value."""

    def __init__(self, rule: str, *, hint: str = "", is_word: bool = False) -> None:
        super().__init__(rule)
        self.rule = rule
        self.hint = hint
        self.is_word = is_word


class Words:
    """What each word of the house means; a word of ours means itself.

    Parameters
    ----------
    name : str
        The argument that maps words, for messages.
    given : mapping
        Word to what it means.
    ours : sequence of str, optional
        The only meanings there are; by default those that are given.
    unknown : {"error", "keep", "other"}
        What becomes of a word without a meaning.
    """

    def __init__(
        self,
        name: str,
        given: Mapping[str, str],
        *,
        ours: Sequence[str] | None = None,
        unknown: UnknownFunder = "error",
    ) -> None:
        self.name = name
        self.ours = ours
        self.unknown = unknown
        self.known = [*given, *(given.values() if ours is None else ours)]
        self._meanings = meanings(name, given, ours)

    def __call__(self, word: str) -> str:
        """Return what a word means."""
        meaning = self._meanings.get(as_word(word))
        if meaning is not None:
            return meaning
        if self.unknown == "keep":
            return word
        if self.unknown == "other":
            return "other"
        if self.ours is None:
            rule = f"must be in {self.name}, which does not have it"
        else:
            listed = ", ".join(map(repr, self.ours))
            rule = f"must be one of {listed}; {self.name}= maps the file's words to these"
        raise CellError(rule, hint=near_matches(word, self.known).removeprefix("; "), is_word=True)


class Names:
    """Which organisation a name means.

    Parameters
    ----------
    given : mapping or None
        The house's names, to codes or to names that the partnership knows.
    partnership : Partnership or None
        Knows the others. Without it and without `given`, names are kept as they stand.
    """

    def __init__(self, given: Mapping[str, str] | None, partnership: Partnership | None) -> None:
        self._given = {as_word(name): meant for name, meant in (given or {}).items()}
        self._shown: Iterable[str] = [] if given is None else [*given, *given.values()]
        self._own = {as_word(meant): meant for meant in self._given.values()}
        self._partnership = partnership
        self._codes: dict[tuple[str, dt.date | None], str | NotFoundError] = {}

    def code(self, text: str, on: dt.date | None, *, known_only: bool = False) -> str:
        """Return the code of a name; `on` decides between bodies that bore it in turn.

        With `known_only` an unknown name, such as that of a company, stays as it is.
        """
        meant = self._given.get(as_word(text), text)
        if self._partnership is None:
            if self._given and meant is text and as_word(text) not in self._own and not known_only:
                raise CellError(
                    "must be in organisations, which does not have it",
                    hint=near_matches(text, self._shown).removeprefix("; "),
                    is_word=True,
                )
            if not known_only and _CODES.fullmatch(meant):
                raise CellError("must be one organisation", hint=_SEVERAL)
            return meant
        code = self._resolved(meant, None, self._partnership)
        if isinstance(code, NotFoundError) and on is not None:
            code = self._resolved(meant, on, self._partnership)
        if isinstance(code, str):
            return code
        if known_only:
            return meant
        raise CellError(
            f"must be an organisation of {self._partnership.name}; organisations= maps other names",
            hint=_SEVERAL if _CODES.fullmatch(meant) else _hint(str(code)),
            is_word=True,
        )

    def _resolved(
        self, text: str, on: dt.date | None, partnership: Partnership
    ) -> str | NotFoundError:
        if (text, on) not in self._codes:
            try:
                self._codes[text, on] = partnership.resolve(text, on=on).code
            except NotFoundError as error:
                self._codes[text, on] = error
        return self._codes[text, on]


def _hint(message: str) -> str:
    """Return of a partnership's message what is particular to the name."""
    for opening in ("did you mean", "may mean"):
        if opening in message:
            return message[message.index(opening) :]
    return ""
