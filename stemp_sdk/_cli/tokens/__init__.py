"""``stemp tokens``: plan the smallest tokens for a program, and create them."""
