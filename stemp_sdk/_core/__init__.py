"""The heart of the SDK, without I/O: operations, the exchange, errors.  Knows nothing of httpx."""
