"""Which groups do a frame's classes of like rows count in? As for records, by the same code."""

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice, text_map
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Partnership, Period
from lhp_metrics.models.organisations import read_code
from lhp_metrics.tallies._bodies import Bodies
from lhp_metrics.tallies._frame_checks import UNCHECKED_NOTE, refuse_rows, told_apart
from lhp_metrics.tallies._frame_fields import (
    day,
    month,
    read_dates,
    read_labels,
    read_numbers,
)
from lhp_metrics.tallies._frames import Classes, Frame, as_whole, collected, flag, opened
from lhp_metrics.tallies._grouping import (
    ATTRIBUTIONS,
    PERIODS,
    Grouping,
    KeyPart,
    key_texts,
    keyed,
)
from lhp_metrics.tallies._keys import Attribution, Duplicates, Unknown

if TYPE_CHECKING:
    from lhp_metrics.tallies._frames import Expr

__all__ = ["Question", "Subject", "organisations", "prepared", "with_records"]


@attrs.frozen(kw_only=True)
class Question:
    """What is asked of a frame, whatever its rows are.

    Parameters
    ----------
    kind, id_field : str
        What a row is a record of, and the column that tells records apart.
    by, period, dated_by, attribution, partnership
        As of a tally.
    columns, organisations : mapping or None
        From the house's words to the library's.
    unknown : {"error", "other"}
        What a label is that no map has.
    duplicates : {"error", "unchecked"}
        Whether records are told apart.
    """

    kind: str
    id_field: str
    by: tuple[str, ...]
    period: Period | None
    dated_by: str
    attribution: Attribution | None
    partnership: Partnership | None
    columns: Mapping[str, str] | None
    organisations: Mapping[str, str] | None
    unknown: Unknown
    duplicates: Duplicates

    def __attrs_post_init__(self) -> None:
        if self.attribution is not None:
            choice("attribution", self.attribution, ATTRIBUTIONS)
        text_map("organisations", self.organisations)
        choice("unknown", self.unknown, ("error", "other"))
        choice("duplicates", self.duplicates, ("error", "unchecked"))

    @property
    def by_organisation(self) -> bool:
        """Whether groups are organisations, of which a record may have several."""
        return "organisation" in self.by

    @property
    def by_period(self) -> bool:
        """Whether groups are months, quarters or years."""
        return any(name in PERIODS for name in self.by)

    def named(self) -> list[str]:
        """Return the columns that groups are named after."""
        return [name for name in self.by if name not in (*PERIODS, "organisation")]

    def bodies(self, times: Sequence[int] | None = None) -> Bodies:
        """Return who resolves the names of organisations."""
        return Bodies(self.partnership, spelt=self.organisations, unknown=self.unknown, times=times)


@attrs.frozen(kw_only=True)
class Subject:
    """A frame that is ready to be counted for a question.

    Parameters
    ----------
    question, frame
        What is asked of which rows.
    notes : tuple of str
        What has to be said of how the rows were read.
    owner : str or None
        The column that says for whom a row counts, if groups are organisations.
    most : int
        Rows of the record that has the most.
    weighted : bool
        Whether the rows of a record share it by the column ``share``.
    """

    question: Question
    frame: Frame
    notes: tuple[str, ...]
    owner: str | None
    most: int
    weighted: bool

    @property
    def spread(self) -> bool:
        """Whether the rows of a record may stand in several groups."""
        return self.owner == "organisation" and self.most > 1

    def labels(self, *, by_day: bool) -> dict[str, "Expr"]:
        """Return what to group rows by: all that makes keys, and parts of records."""
        import narwhals as nw

        question = self.question
        found: dict[str, Expr] = {name: nw.col(name) for name in question.named()}
        if self.owner is not None:
            found["organisation"] = nw.col(self.owner)
        if by_day:
            found["day"] = day(question.dated_by)
        elif question.by_period:
            found["month"] = month(question.dated_by)
        if self.most > 1:
            found["n"] = nw.col("n")
        if self.weighted:
            found |= {"share": nw.col("share"), "parts": nw.col("parts")}
        return found

    def needs_days(self, classes: Classes) -> bool:
        """Tell whether only the day says which organisation a name means."""
        bodies = self.question.bodies()
        names = {"organisation", "lead", "sponsor"} & classes.labels.keys()
        return any(bodies.need_dates(organisations(classes, name)) for name in names)

    def grouping(
        self, classes: Classes, renamed: Mapping[str, Mapping[str, str]] | None = None
    ) -> Grouping:
        """Return in which groups each class counts, and by which part."""
        question = self.question
        if self.spread and question.attribution is None and (classes.codes("n") > 1).any():
            raise InvalidInputError(
                f"records with several organisations: {_several(self.frame, question)}; say "
                "attribution='lead', 'whole' or 'fractional'"
            )
        bodies = question.bodies(np.rint(classes.records).astype(np.int64).tolist())
        dates = _dates(classes)
        every = np.arange(len(classes), dtype=np.intp)
        parts: list[KeyPart] = []
        for name in question.by:
            if name in ("organisation", "lead", "sponsor"):
                texts: Sequence[Any] = organisations(classes, name)
            else:
                texts = () if name in PERIODS else classes.texts(name)
            other = (renamed or {}).get(name)
            found = key_texts(name, texts, dates, question.period, bodies, renamed=other)
            parts.append((found, every))
        bodies.refuse_unknown()
        keys, group = keyed(parts)
        return Grouping(
            keys=keys,
            names=bodies.names,
            record=every if parts else every[:0],
            group=group,
            weight=self._weights(classes) if question.attribution == "fractional" else None,
            times=classes.codes("n") if self.spread else None,
        )

    def _weights(self, classes: Classes) -> NDArray[Any] | None:
        """Return which part of its records a row of each class counts."""
        if self.owner is None:
            return None
        weights = np.full(len(classes), Fraction(1), dtype=object)
        if self.spread:
            whole = classes.codes("parts" if self.weighted else "n").tolist()
            part = classes.codes("share").tolist() if self.weighted else [1] * len(whole)
            # No share stated anywhere means equal ones; told_apart refuses some of each.
            weights[:] = [
                Fraction(1 if own < 0 else own, all_of_it)
                for own, all_of_it in zip(part, whole, strict=True)
            ]
        return weights


def prepared(
    question: Question, source: object, *, dates: Sequence[str], labels: Sequence[str] = ()
) -> Subject:
    """Read the columns that matter; `dates` and `labels` are those besides the question's own."""
    several = "studies" if question.kind == "study" else "grants"
    frame = opened(source, several, question.columns)
    together = "organisation" in frame
    owner: str | None = None
    if question.by_organisation:
        lead = question.attribution == "lead" or (not together and "lead" in frame)
        owner = "lead" if lead else "organisation"
        if lead and question.attribution != "lead":
            _refuse_others_in_lists(frame, question)
    told = [question.id_field] if question.duplicates == "error" else []
    needed = [*told, question.dated_by, *question.named(), *([owner] if owner else [])]
    frame.need(dict.fromkeys(needed), columns=question.columns or {})
    frame, notes = read_dates(frame, [name for name in dates if name in frame])
    bodies = [name for name in ("organisation", "lead") if name in frame]
    wanted = dict.fromkeys([*told, *question.named(), *labels, *bodies])
    frame = read_labels(frame, [name for name in wanted if name in frame])
    if question.duplicates == "unchecked":
        if together and owner == "organisation" and question.attribution in ("whole", "fractional"):
            raise InvalidInputError(
                f"attribution {question.attribution!r} has to tell records apart, which "
                "duplicates='unchecked' leaves out"
            )
        notes = (*notes, UNCHECKED_NOTE)
    return Subject(question=question, frame=frame, notes=notes, owner=owner, most=1, weighted=False)


def with_records(subject: Subject, fields: Mapping[str, str]) -> Subject:
    """Return the subject with its records told apart; of each, the `fields` agree."""
    question, frame = subject.question, subject.frame
    if question.duplicates == "unchecked":
        return subject
    if "organisation" in frame:
        frame = _one_name_each(frame, question.bodies())
    fractional = subject.owner == "organisation" and question.attribution == "fractional"
    weighted = fractional and "share" in frame
    if weighted:
        frame = read_numbers(frame, "share")
    frame, most = told_apart(
        frame,
        question.kind,
        question.id_field,
        fields,
        dated_by=question.dated_by,
        weighted=weighted,
    )
    return attrs.evolve(subject, frame=frame, most=most, weighted=weighted and most > 1)


def organisations(classes: Classes, name: str) -> list[str | None]:
    """Return labels that name organisations, codes as records write them."""
    return [None if text is None else read_code(text) for text in classes.texts(name)]


def _refuse_others_in_lists(frame: Frame, question: Question) -> None:
    """Refuse organisations that stand beside the lead in a list: they would not be counted."""
    import narwhals as nw

    name = "partners" if question.kind == "grant" else "sites"
    if name not in frame:
        return
    kind, stated = frame.dtypes[name], ~nw.col(name).is_null()
    if kind == nw.String:
        listed = nw.col(name).str.strip_chars()
        stated = stated & (listed != "") & (listed != nw.col("lead").cast(nw.String))
    elif kind == nw.List:
        stated = stated & (nw.col(name).list.len() > 0)
    elif kind != nw.Object or not any(map(_has_items, collected(frame.rows.select(name))[name])):
        return
    if as_whole(collected(frame.rows.select(flag(stated).sum()))[name][0]):
        text = (
            f"{name} would not be counted: a frame has a row for each {question.kind} and "
            "organisation, in a column 'organisation'; or say attribution='lead'"
        )
        refuse_rows(frame, question.kind, question.id_field, [(text, stated, (name,))])


def _has_items(value: object) -> bool:
    return isinstance(value, list | tuple | np.ndarray) and len(value) > 0


def _several(frame: Frame, question: Question) -> str:
    import narwhals as nw

    rows = frame.rows.filter(nw.col("n") > 1).select(question.id_field).unique()
    count = as_whole(collected(rows.select(nw.len().alias("count")))["count"][0]) or 0
    first = collected(rows.sort(question.id_field).head(3))[question.id_field]
    more = f" and {count - 3:,} more" if count > 3 else ""
    return ", ".join(f"{question.kind} {name!r}" for name in first) + more


def _one_name_each(frame: Frame, bodies: Bodies) -> Frame:
    """Return the frame with one label for each organisation, where the house writes several.

    Otherwise one organisation would be told from itself.
    """
    import narwhals as nw

    columns = [name for name in ("organisation", "lead") if name in frame]
    written: dict[str, None] = {}
    for name in columns:
        found = collected(frame.rows.select(nw.col(name).cast(nw.String)).unique())[name]
        written |= dict.fromkeys(text for text in found if isinstance(text, str))
    plain = {text: " ".join(text.split()) for text in written}
    codes = bodies.undated([read_code(text) for text in plain.values() if text])
    first: dict[str, str] = {}
    others: dict[str, list[str]] = {}
    for text in sorted(written):
        code = read_code(plain[text]) if plain[text] else ""
        name = first.setdefault(codes.get(code) or code, text)
        if name != text:
            others.setdefault(name, []).append(text)
    rows = frame.rows
    for column in columns:
        value = nw.col(column).cast(nw.String)
        for name, texts in others.items():
            value = nw.when(nw.col(column).is_in(texts)).then(nw.lit(name)).otherwise(value)
        blank = [text for text in written if not plain[text]]
        if blank:
            value = nw.when(~nw.col(column).is_in(blank)).then(value)
        if others or blank:
            rows = rows.with_columns(value.alias(column))
    if len(columns) > 1:
        # A record that names its lead alone has it for its organisation.
        rows = rows.with_columns(
            nw.coalesce(nw.col("organisation"), nw.col("lead")).alias("organisation")
        )
    return frame.evolve(rows)


def _dates(classes: Classes) -> list[Any]:
    """Return the date of each class: the day or, if nothing needs it, the first of the month."""
    if "day" in classes.labels:
        days = [as_whole(value) for value in classes.labels["day"]]
        return [None if n is None else dt.date(n // 10000, n // 100 % 100, n % 100) for n in days]
    months = [as_whole(value) for value in classes.labels.get("month", [None] * len(classes))]
    return [None if n is None else dt.date(n // 12, n % 12 + 1, 1) for n in months]
