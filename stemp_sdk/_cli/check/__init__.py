"""``stemp check``: the scope errors of a type checker in words. Only ``command`` and ``running`` do I/O."""
