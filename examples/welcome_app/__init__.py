"""A first stamp on every new card, and a mail when a card is full: an app that lives on webhooks.

Run it with ``python -m examples.welcome_app``.
"""
