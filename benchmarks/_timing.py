"""Time our functions against their peers: interleaved, by CPU time, as a table."""

import itertools
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version

from lhp_metrics import __version__

__all__ = ["Case", "print_ratios", "print_row", "print_versions", "wanted"]


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


def wanted(question: str) -> bool:
    """Say whether a row was asked for: every word after the command is in its question."""
    return all(word in question for word in sys.argv[1:])


def print_versions(*packages: str) -> None:
    named = [f"{package} {version(package)}" for package in packages]
    versions = ", ".join([f"lhp-metrics {__version__}", *named])
    machine = f"{os.cpu_count()} cores ({platform.system()}, {platform.machine()})"
    print(f"Measured with {versions} and Python {platform.python_version()}, on {machine}.\n")


def print_row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def print_ratios(cases: Iterable[Case], *, seconds: float = 2.0) -> bool:
    """Print one line per case that is wanted, and say whether all reached their target."""
    header = ("question", "at once", "ours", "peer", "ratio", "target")
    print_row(*header)
    print_row(*["---"] * len(header))
    reached = True
    for case in cases:
        if not wanted(case.question):
            continue
        ours, theirs = _interleaved(case, seconds)
        ratio = theirs / ours
        missed = ratio < case.at_least
        reached &= not missed
        print_row(
            f"{case.question} vs {case.peer_name}",
            f"{case.size:,}",
            _per_element(ours),
            _per_element(theirs),
            _times(ratio),
            (_times(case.at_least) if case.at_least else "–") + " MISSED" * missed,
        )
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
        return f"{nanoseconds:,.{0 if nanoseconds >= 100 else 1}f}\N{NO-BREAK SPACE}ns"
    return f"{nanoseconds / 1e3:,.0f}\N{NO-BREAK SPACE}µs"


def _times(ratio: float) -> str:
    return f"{ratio:,.{0 if ratio >= 100 else 1 if ratio >= 10 else 2}f}\N{NO-BREAK SPACE}×"
