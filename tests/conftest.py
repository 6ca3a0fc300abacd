"""Hypothesis profiles: examples are drawn at random at a desk, and are the same in every CI run."""

import os

from hypothesis import settings

# A slow machine is no defect of the code: performance is the benchmarks' question.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=4000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "desk")
)
