"""Run the benchmarks, and put what they print into docs/reference/benchmarks.md.

python benchmarks/all.py                            # everything; an hour, 1.5 GB of disk
python benchmarks/all.py --only memory survival     # the others keep their figures
python benchmarks/all.py --only frames --rows 1000000
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "reference" / "benchmarks.md"
# Figures stand between a comment that names their benchmark and the next comment.
FIGURES = re.compile(r"<!-- from (?P<name>\w+)\.py -->\n.*?\n<!-- end -->", re.DOTALL)


def with_figures(page: str, name: str, figures: str) -> str:
    """Return the page with what a benchmark printed in place of what it printed before."""
    (old,) = (found[0] for found in FIGURES.finditer(page) if found["name"] == name)
    return page.replace(old, f"<!-- from {name}.py -->\n{figures}\n<!-- end -->")


def main() -> int:
    page = PAGE.read_text("utf-8")
    names = [found["name"] for found in FIGURES.finditer(page)]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--rows", type=int, help="rows of the large file of frames")
    options = parser.parse_args()
    missed = []
    for name in options.only:
        print(f"== {name}", flush=True)
        command = [sys.executable, str(HERE / f"{name}.py")]
        if name == "frames" and options.rows:
            command += ["--rows", str(options.rows)]
        ran = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        print(ran.stdout)
        if ran.returncode and "MISSED" not in ran.stdout:
            return ran.returncode
        missed += [name] * bool(ran.returncode)
        PAGE.write_text(with_figures(PAGE.read_text("utf-8"), name, ran.stdout), "utf-8")
    print("missed a target:", ", ".join(missed) or "none")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
