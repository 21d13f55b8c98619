"""Measurements. Each module prints a table that stands in docs/benchmarks.md."""
