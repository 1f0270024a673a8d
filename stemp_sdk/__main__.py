"""``python -m stemp_sdk`` is the command ``stemp``."""

from .cli import main

main()
