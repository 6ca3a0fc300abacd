"""Metrics: one module, one question, one result."""
