"""The resources of ``AsyncStemp``, written by hand; those of ``Stemp`` are generated from them."""
