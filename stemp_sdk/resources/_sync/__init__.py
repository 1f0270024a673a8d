"""The resources of ``Stemp``, generated from those of ``AsyncStemp``."""
