"""``stemp scopes audit`` and ``stemp scopes report``: what was found, in several formats."""
