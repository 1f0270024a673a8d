"""Tokens: what their form shows, where they come from and how they are renewed."""
