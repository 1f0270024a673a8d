"""A typed, scope-checked client for the stemp API."""
