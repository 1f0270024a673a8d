"""``stemp mcp``: the operations that a token may call, as tools of the Model Context Protocol."""
