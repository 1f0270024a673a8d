"""``stemp scopes audit``: what the audit found, in four formats."""
