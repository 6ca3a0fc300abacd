"""One self-contained, accessible HTML page from tables, charts and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from lhp_metrics._checks import of_kind
from lhp_metrics.errors import InvalidTypeError
from lhp_metrics.results import Table
from lhp_metrics.tallies import Tally

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Block", "report"]

# What may stand in a section. Text, so that matplotlib need not be there to say it.
Block: TypeAlias = Union[str, Table[Any], Tally[Any], "Axes"]

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #1d1d1d; background: #fff;
  max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, caption { color: #12436d; line-height: 1.2; }
th, td { border-bottom: 1px solid #d0d0d0; }
figure { margin: 1.5rem 0; } figure svg { max-width: 100%; height: auto; }
@media print { body { margin: 0; max-width: none; } section { break-inside: avoid; } }
"""


def report(title: str, sections: Mapping[str, Sequence[Block]]) -> str:
    """Return one HTML page that needs nothing but itself.

    Parameters
    ----------
    title : str
        Heading of the page.
    sections : mapping of str to sequence
        Heading of each section to what stands in it: sentences, tables, tallies as tables, and
        charts made by ``lhp_metrics.charts``, which become SVG with their alternative text.

    Returns
    -------
    str
        A whole HTML document; every text is escaped.

    Raises
    ------
    InvalidTypeError
        If a section is no sequence, such as a bare sentence, or holds something else; the
        message names the section.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> tally = lhp.RegistrationTally.from_counts({"REM": 69, "REN": 34})
    >>> page = lhp.report("Registrations", {"Shares": ["Two trusts.", lhp.partner_shares(tally)]})
    >>> page.count("<table")
    1
    """
    from html import escape

    of_kind("sections", sections, Mapping)
    body = "".join(
        f"<section><h2>{escape(heading)}</h2>{_section(heading, blocks)}</section>"
        for heading, blocks in sections.items()
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def _section(heading: str, blocks: Sequence[Block]) -> str:
    if isinstance(blocks, str) or not isinstance(blocks, Sequence):
        raise InvalidTypeError(
            f"section {heading!r} must be a list, even of one thing; got {type(blocks).__name__}"
        )
    return "".join(_html(heading, block) for block in blocks)


def _html(heading: str, block: Block) -> str:
    from html import escape

    if isinstance(block, str):
        return f"<p>{escape(block)}</p>"
    if isinstance(block, Table):
        return block.to_html()
    if isinstance(block, Tally):
        return block.to_table().to_html()
    if not _is_chart(block):
        raise InvalidTypeError(
            f"section {heading!r} may hold text, tables, tallies and charts; "
            f"got {type(block).__name__}"
        )
    from lhp_metrics.charts import svg_text

    return f"<figure>{svg_text(block)}</figure>"


def _is_chart(block: object) -> bool:
    import sys

    # Whoever has a chart has loaded matplotlib; nobody else need have it.
    axes = sys.modules.get("matplotlib.axes")
    return axes is not None and isinstance(block, axes.Axes)
