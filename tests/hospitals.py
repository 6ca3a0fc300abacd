"""Trusts of which nothing matters but their codes."""

import lhp_metrics as lhp

__all__ = ["hospitals"]


def hospitals(*codes):
    return [lhp.Trust(code=code, names=f"{code} Hospital") for code in codes]
