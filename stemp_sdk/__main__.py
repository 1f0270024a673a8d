"""``python -m stemp_sdk`` is the command ``stemp``."""

from ._cli import main

main()
