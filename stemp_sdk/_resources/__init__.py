"""The typed methods. ``_async`` is written by hand, ``_sync`` is generated from it; each is imported at first use."""
