"""``stemp doctor``: checks what a program needs, and says what to do."""
