"""Read what is on the Axes of a chart."""

import matplotlib as mpl

import lhp_metrics as lhp

mpl.use("Agg")

SPARK = lhp.RegistrationTally.from_counts(
    {"RBS": 10, "REN": 1, "REM": 107}, period=lhp.Period("2023-04-01", "2023-11-19")
)
JRO = lhp.RegistrationTally.from_counts(
    {"RBS": 26, "REN": 34, "REM": 69}, period=lhp.Period("2023-11-20", "2024-03-31")
)
FUNDERS = lhp.GrantTally.from_counts(
    {
        "NIHR": lhp.OutcomeCounts(successful=40, unsuccessful=60),
        "MRC": lhp.OutcomeCounts(successful=6, unsuccessful=64),
        "CRUK": lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=3),
        "UKRI": lhp.OutcomeCounts(successful=22, unsuccessful=58),
    },
    by="funder",
)

# What names in real files have done to pictures: formulas, left-out legends, lost direction.
AWKWARD_NAMES = [
    "$\\frac{$",
    "_Totals of all",
    "R&D <b>",
    "בית חולים",
    "مستشفى",
    "100% of £ and € – “x”",
    "line\nbreak\tand\x00nul\x0b",
    "A very long name " * 12,
]


def title(ax):
    """Return the title as it reads, whatever its lines."""
    return " ".join(ax.get_title(loc="left").split())


def texts(ax):
    return [text.get_text() for text in ax.texts]


def names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def lines(ax):
    return [
        (list(line.get_xdata()), list(line.get_ydata()), line.get_marker()) for line in ax.lines
    ]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def bars(ax):
    return [(bar.get_x(), bar.get_width()) for bar in ax.patches]
