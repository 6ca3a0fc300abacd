"""Metrics of Liverpool Health Partners, with the uncertainty that belongs to them."""

from lhp_metrics._version import __version__

__all__ = ["__version__"]
