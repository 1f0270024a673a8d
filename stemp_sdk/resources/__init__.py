"""The typed methods: ``_async`` is written by hand, ``_sync`` is generated from it.  Each resource is imported when used."""
