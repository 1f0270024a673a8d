"""Kindly, an app that organizations install to thank their customers by mail.

It asks for little when it is installed, for ``platform:email:send`` when the first mail is to be sent, and takes no for
an answer. ``python -m examples.oauth_app`` runs it against a sandbox of its own; ``__main__.py`` says more.
"""
