"""Time our functions against their peers: interleaved, by CPU time, as a table."""

import itertools
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version

from lhp_metrics import __version__

__all__ = ["Case", "print_ratios", "print_versions"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row: our call, a peer's call for the same question, and the ratio aimed at.

    A peer too slow for the whole size answers `peer_size` elements; times are compared per
    element. `at_least` is the ratio of the peer's time to ours that we promise.
    """

    question: str
    size: int
    ours: Callable[[], object]
    peer: Callable[[], object]
    peer_name: str
    at_least: float
    peer_size: int = 0


def print_versions(*packages: str) -> None:
    named = ", ".join(f"{package} {version(package)}" for package in packages)
    print(f"lhp-metrics {__version__}, Python {platform.python_version()}, {named}\n")


def print_ratios(cases: Iterable[Case], *, seconds: float = 2.0) -> bool:
    """Print one line per case and say whether all reached their target."""
    header = ("question", "size", "ours", "peer", "ratio", "target", "")
    print(_line(header), _line(["-" * 3] * len(header)), sep="\n")
    reached = True
    for case in cases:
        ours, theirs = _interleaved(case, seconds)
        ratio = theirs / ours
        reached &= ratio >= case.at_least
        cells = (
            f"{case.question} vs {case.peer_name}",
            f"{case.size:,}",
            _per_element(ours),
            _per_element(theirs),
            _times(ratio),
            _times(case.at_least) if case.at_least else "–",
            "" if ratio >= case.at_least else "MISSED",
        )
        print(_line(cells), flush=True)
    return reached


def _interleaved(case: Case, seconds: float) -> tuple[float, float]:
    """Return the best CPU seconds per element of either side, the rounds taken in turn.

    There are at least five rounds, and as many as the seconds allow: the best of many is
    what the machine can do when nothing else disturbs it.
    """
    sides = (case.ours, case.size), (case.peer, case.peer_size or case.size)
    best = [float("inf"), float("inf")]
    repeats = [_repeats(call) for call, _ in sides]
    until = time.perf_counter() + seconds
    for done in itertools.count():
        if done >= 5 and time.perf_counter() > until:
            break
        for i, (call, size) in enumerate(sides):
            start = time.process_time()
            for _ in range(repeats[i]):
                call()
            best[i] = min(best[i], (time.process_time() - start) / repeats[i] / size)
    return best[0], best[1]


def _repeats(call: Callable[[], object]) -> int:
    """Choose repeats for a turn of a tenth of a second: long enough for the clock, and for
    the memory that the other side left behind not to matter. Warms the caches as well.
    """
    call()
    start = time.process_time()
    call()
    return max(1, int(0.1 / max(time.process_time() - start, 1e-6)))


def _per_element(seconds: float) -> str:
    nanoseconds = 1e9 * seconds
    if nanoseconds < 1e4:
        return f"{nanoseconds:,.{0 if nanoseconds >= 100 else 1}f} ns"
    return f"{nanoseconds / 1e3:,.0f} µs"


def _times(ratio: float) -> str:
    return f"{ratio:,.{0 if ratio >= 100 else 1 if ratio >= 10 else 2}f} ×"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
