"""An app that reacts to webhooks: it puts a first stamp on every new card, and sends an email when a card is full.

Run it with ``python -m examples.welcome_app``.
"""
