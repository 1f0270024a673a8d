"""Measures every budget of the SDK and of its peers, in one run: ``python -m benchmarks``."""
