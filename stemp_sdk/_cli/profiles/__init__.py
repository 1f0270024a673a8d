"""Profiles: the base URL, the scopes and the token of ``stemp login``, and the token that a command calls with."""
