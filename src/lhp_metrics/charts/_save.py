"""Pictures as files, with their alternative text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lhp_metrics._checks import of_kind
from lhp_metrics.charts._axes import need_matplotlib
from lhp_metrics.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

__all__ = ["save_chart", "svg_text"]

# Where each kind of file keeps a description.
DESCRIPTION = {".png": "Description", ".pdf": "Subject"}


def save_chart(ax: Axes, path: str | Path) -> None:
    """Write a chart's figure to a file, with its title and alternative text inside.

    Parameters
    ----------
    ax : matplotlib Axes
        From a function of this module.
    path : str or Path
        Ends in ``.svg``, ``.png`` or ``.pdf``.

    Raises
    ------
    InvalidInputError
        If the path has another ending.
    """
    from pathlib import Path

    of_kind("path", path, (str, Path))
    path = Path(path)
    ending = path.suffix.lower()
    if ending == ".svg":
        path.write_text(svg_text(ax), encoding="utf-8")
        return
    if ending not in DESCRIPTION:
        raise InvalidInputError(f"path must end in .svg, .png or .pdf; got {str(path)!r}")
    title, description = _texts(ax)
    metadata = {"Title": title, DESCRIPTION[ending]: description}
    figure: Any = ax.figure
    figure.savefig(path, dpi=200, metadata=metadata)


def svg_text(ax: Axes) -> str:
    """Return a chart's figure as SVG that a screen reader can read out.

    Parameters
    ----------
    ax : matplotlib Axes
        From a function of this module.

    Returns
    -------
    str
        An ``<svg>`` element with ``<title>`` and ``<desc>``. The same figures give the same text;
        identifiers differ between charts, so that several may stand in one page.
    """
    import hashlib
    import io
    import re
    from html import escape

    title, description = map(escape, _texts(ax))
    import matplotlib as mpl

    buffer = io.StringIO()
    figure: Any = ax.figure
    # Text stays text, and no date or random identifier makes two runs differ.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "lhp-metrics"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    # A page has no use for matplotlib's own metadata.
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, count=1, flags=re.DOTALL)
    prefix = f"c{hashlib.sha256((svg + description).encode()).hexdigest()[:10]}-"
    svg = re.sub(r'(\sid="|url\(#|href="#)', rf"\g<1>{prefix}", svg)
    end = svg.index(">")
    named = f' role="img" aria-label="{description}"><title>{title}</title>'
    return f"{svg[:end]}{named}<desc>{description}</desc>{svg[end + 1 :]}"


def _texts(ax: Axes) -> tuple[str, str]:
    """Return title and alternative text."""
    need_matplotlib()
    from matplotlib.axes import Axes

    of_kind("ax", ax, Axes)
    return " ".join(ax.get_title(loc="left").split()), str(ax.get_label())
