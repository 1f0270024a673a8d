"""``stemp listen`` and ``stemp trigger``: the events of a running sandbox."""
