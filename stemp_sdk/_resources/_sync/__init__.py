# Generated from _async/__init__.py by `make sync`; edit that file.
"""The resources of ``Stemp``."""
