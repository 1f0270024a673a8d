"""Kindly, an app that organizations install to thank their customers by email.

It asks for few scopes when it is installed, for ``platform:email:send`` before the first email, and does not ask again
if that is declined. ``python -m examples.oauth_app`` runs it against its own sandbox; see ``__main__.py``.
"""
