"""The sandbox as identity provider: apps, the consent screen, codes, access and refresh tokens."""

from .provider import IdentityProvider
from .records import InstalledApp, RegisteredApp

__all__ = ["IdentityProvider", "InstalledApp", "RegisteredApp"]
