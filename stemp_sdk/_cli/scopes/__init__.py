"""``stemp scopes explain``, ``who-needs``, ``suggest``, ``diff`` and ``plan``."""
