"""Organisations as records and frames name them, each name resolved once."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from lhp_metrics._checks import folded, near_matches, of_kind, often
from lhp_metrics.errors import NotFoundError
from lhp_metrics.models import Partnership
from lhp_metrics.tallies._keys import NOT_STATED

__all__ = ["OTHER", "Bodies", "spellings"]

OTHER = "other"


class Bodies:
    """Organisations as records name them, each resolved once.

    Parameters
    ----------
    partnership : Partnership or None
        Resolves names to codes; without one a name stands for itself.
    spelt : mapping, optional
        The house's own spellings, by what they stand for; tried first.
    unknown : {"error", "other"}
        What a name is that nobody knows.
    times : sequence of int, optional
        How often each text stands, for the error that lists the unknown ones.
    """

    def __init__(
        self,
        partnership: Partnership | None,
        *,
        spelt: Mapping[str, str] | None = None,
        unknown: Literal["error", "other"] = "error",
        times: Sequence[int] | None = None,
    ) -> None:
        if partnership is not None:
            of_kind("partnership", partnership, Partnership)
        self.partnership = partnership
        self.names: dict[str, str] = {}
        self._spelt = None if spelt is None else spellings(spelt)
        self._options = [] if spelt is None else [*spelt, *spelt.values()]
        self._other = unknown == "other"
        self._often = times
        self._codes: dict[tuple[str, dt.date | None], str | None] = {}
        self._unknown: dict[str, str] = {}
        self._times: dict[str, int] = {}

    def codes(
        self,
        texts: Sequence[str | None],
        dates: Sequence[dt.date],
        *,
        known_only: bool = False,
    ) -> list[str]:
        """Return the code of each text; without a partnership the text itself.

        With `known_only` the unknown, such as a company that sponsors, keep their names.
        """
        if self.partnership is None and self._spelt is None:
            return [NOT_STATED if text is None else text for text in texts]
        stated = {text for text in texts if text is not None}
        known: dict[str | None, str] = {None: NOT_STATED}
        known |= {text: code for text, code in self.undated(stated).items() if code is not None}
        if len(known) > len(stated):  # every name means one body whatever the date
            return list(map(known.__getitem__, texts))
        counts = self._often or [1] * len(texts)
        found: list[str] = []
        for text, date, n in zip(texts, dates, counts, strict=True):
            code = NOT_STATED if text is None else self._code(text, date)
            if code is None and text is not None:
                if known_only:
                    code = text
                elif not self._other:
                    self._times[text] = self._times.get(text, 0) + n
            found.append(code or OTHER)
        return found

    def need_dates(self, texts: Iterable[str | None]) -> bool:
        """Tell whether some text means one body or another, which only a date can tell."""
        return self.partnership is not None and any(
            text is not None
            and self._resolved(text, None) is None
            and self._unknown[text].endswith("say the date")
            for text in set(texts)
        )

    def undated(self, texts: Iterable[str]) -> dict[str, str | None]:
        """Return the code of each text that needs no date; None where only a date can tell."""
        return {text: self._resolved(text, None) for text in texts}

    def _code(self, text: str, date: dt.date) -> str | None:
        """Resolve without a date first: it only breaks ties, and differs between records."""
        return self._resolved(text, None) or self._resolved(text, date)

    def _resolved(self, text: str, date: dt.date | None) -> str | None:
        if (text, date) not in self._codes:
            self._codes[text, date] = self._looked_up(text, date)
        return self._codes[text, date]

    def _looked_up(self, text: str, date: dt.date | None) -> str | None:
        spelt = None if self._spelt is None else self._spelt.get(folded(text))
        if self.partnership is None:
            if spelt is None and self._spelt is not None:
                near = near_matches(text, self._options)
                self._unknown[text] = f"organisations has no entry for {text!r}{near}"
                return None
            return spelt or text
        try:
            body = self.partnership.resolve(spelt or text, on=date)
        except NotFoundError as error:
            self._unknown[text] = str(error)
            return None
        self.names[body.code] = body.short_name or body.name
        return body.code

    def refuse_unknown(self) -> None:
        """Raise one error that lists every unknown name and how often it stands."""
        if self._times:
            raise NotFoundError(
                "\n".join(f"{self._unknown[text]} ({often(n)})" for text, n in self._times.items())
            )


def spellings(spelt: Mapping[str, str]) -> dict[str, str]:
    """Return what each spelling stands for; a name that others stand for means itself."""
    names = {folded(name): name for name in spelt.values()}
    return names | {folded(spelling): name for spelling, name in spelt.items()}
