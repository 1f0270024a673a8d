"""The core of the SDK, without I/O: operations, the request flow, errors. Knows nothing of httpx."""
