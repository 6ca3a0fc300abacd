"""Print the CPU time of every metric of grants at 100,000 groups: python benchmarks/success.py."""

import time
from collections.abc import Callable

import numpy as np
from _timing import print_row, print_versions

import lhp_metrics as lhp
from lhp_metrics.tallies._money import MONEY

GROUPS = 100_000


def made_up_tally() -> lhp.GrantTally:
    """Return what counting several million applications would: building them takes longer."""
    random = np.random.default_rng(20240331)
    outcomes = ("successful", "unsuccessful", "pending", "withdrawn", "not_considered")
    columns = {name: random.integers(0, 40, GROUPS) for name in outcomes}
    columns["undisclosed"] = np.zeros(GROUPS, dtype=np.int64)
    won, lost = columns["successful"], columns["unsuccessful"]
    pence = random.integers(10**6, 10**8, GROUPS)
    columns |= {name: np.zeros(GROUPS, dtype=kind) for name, kind in MONEY.items()}
    columns |= {
        "requested_decided_pence": pence * (won + lost),
        "requested_successful_pence": pence * won,
        "requested_pending_pence": pence * columns["pending"],
        "requested_successful_squared": (pence / 100) ** 2 * won,
        "requested_unsuccessful_squared": (pence / 100) ** 2 * lost,
        "largest_requested_decided_pence": pence,
        "awarded_pence": pence * won,
        "paired": won + lost,
        "paired_requested_pence": pence * (won + lost),
        "paired_awarded_pence": pence * won,
        "paired_requested_squared": (pence / 100) ** 2 * (won + lost),
        "paired_awarded_squared": (pence / 100) ** 2 * won,
        "paired_awarded_times_requested": (pence / 100) ** 2 * won,
    }
    return lhp.GrantTally(
        by=("group",),
        keys=tuple(range(GROUPS)),
        columns={name: np.append(values, values.sum()) for name, values in columns.items()},
        rows_in=int(sum(columns[name].sum() for name in outcomes)),
    )


def main() -> None:
    tally = made_up_tally()
    calls: dict[str, Callable[[], object]] = {
        "success_rates": lambda: lhp.success_rates(tally),
        "compare_success_rates": lambda: lhp.compare_success_rates(tally),
        "success_rate_change": lambda: lhp.success_rate_change(tally, tally),
        "value_success_rates": lambda: lhp.value_success_rates(tally),
        "forecast_successes": lambda: lhp.forecast_successes(tally),
        "forecast_successes, others": lambda: lhp.forecast_successes(tally, prior="others"),
        "funnel": lambda: lhp.funnel(tally),
        "funnel, exact": lambda: lhp.funnel(tally, method="exact"),
    }
    print_row("metric", "groups", "CPU seconds")
    print_row("---", "---", "---")
    for name, call in calls.items():
        call()
        print_row(name, f"{GROUPS:,}", f"{min(_seconds(call) for _ in range(3)):.2f}")


def _seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


if __name__ == "__main__":
    print_versions("numpy", "scipy")
    main()
