"""The resources of ``AsyncStemp``."""
