"""Confidence intervals and tests for proportions, rates and shares: arrays in, arrays out.

Nothing here knows what a trust or a grant is.
"""
