"""Tokens: what their form tells, where they come from and how they are renewed."""
