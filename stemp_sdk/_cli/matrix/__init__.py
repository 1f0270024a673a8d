"""``stemp scopes matrix``: operations, scopes, presets and kinds of token, in four formats."""
