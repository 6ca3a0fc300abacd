"""Nothing is shared between calls: eight threads get what one gets."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

import lhp_metrics as lhp
from lhp_metrics import intervals

THREADS = 8
ROUNDS = 12


def every_metric(seed):
    """Return what each metric says of counts drawn with `seed`, as text and as digits."""
    random = np.random.default_rng(seed)
    codes = [f"T{n:02}" for n in range(12)]
    before, after = (
        lhp.RegistrationTally.from_counts(
            dict(zip(codes, random.poisson(20, 12).tolist(), strict=True)), period=period
        )
        for period in (
            lhp.Period("2023-04-01", "2023-11-19"),
            lhp.Period("2023-11-20", "2024-03-31"),
        )
    )
    grants = lhp.GrantTally.from_counts(
        {
            code: lhp.OutcomeCounts(successful=won, unsuccessful=20, pending=3)
            for code, won in zip(codes, random.poisson(5, 12).tolist(), strict=True)
        }
    )
    level = random.uniform(0.8, 0.99)
    successes = random.integers(0, 50, 300)
    limits = [
        intervals.proportion_interval(successes, 50, method=method, confidence_level=level)
        for method in ("wilson", "clopper-pearson", "mid-p", "blaker", "likelihood-ratio")
    ]
    return (
        str(lhp.registration_change(before, after, confidence_level=level)),
        str(lhp.partner_shares(after, confidence_level=level)),
        str(lhp.success_rates(grants, confidence_level=level)),
        str(lhp.compare_success_rates(grants, confidence_level=level)),
        str(lhp.funnel(grants)),
        str(lhp.forecast_successes(grants)),
        b"".join(limit.tobytes() for interval in limits for limit in interval),
    )


def test_eight_threads_get_what_one_gets():
    serial = [every_metric(seed) for seed in range(ROUNDS)]

    with ThreadPoolExecutor(THREADS) as pool:
        threaded = list(pool.map(every_metric, range(ROUNDS)))

    assert threaded == serial


def test_the_first_use_of_a_lazy_name_from_many_threads_is_safe():
    code = """
import threading, lhp_metrics as lhp
tally = lhp.RegistrationTally.from_counts({"A": 3, "B": 4})
start, found = threading.Barrier(8), []
def use():
    start.wait()
    found.append(lhp.partner_shares(tally).column("percent").sum())
threads = [threading.Thread(target=use) for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
assert found == [100.0] * 8, found
"""
    import subprocess
    import sys

    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603


def test_the_callers_numpy_and_warnings_settings_are_left_as_they_were():
    import warnings

    before = np.geterr(), list(warnings.filters), np.get_printoptions()

    every_metric(0)

    assert (np.geterr(), list(warnings.filters), np.get_printoptions()) == before
