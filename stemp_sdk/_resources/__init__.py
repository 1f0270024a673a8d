"""The typed methods: ``_async`` is written by hand, ``_sync`` is generated from it. Each is imported when used."""
