"""Measures every budget of the SDK side by side with its peers, in one run: ``python -m benchmarks``."""
