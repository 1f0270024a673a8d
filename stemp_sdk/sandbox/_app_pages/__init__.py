"""The page of apps, at ``/apps``: what each organization granted, and a button to uninstall the app."""

from .routes import AppPages

__all__ = ["AppPages"]
