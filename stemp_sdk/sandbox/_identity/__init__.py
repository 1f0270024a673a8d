"""The sandbox as identity provider: apps, the consent screen, codes, access and refresh tokens."""

from .app_records import InstalledApp, RegisteredApp
from .apps import Apps
from .consent import Consent
from .grants import Grants
from .provider import IdentityProvider

__all__ = ["Apps", "Consent", "Grants", "IdentityProvider", "InstalledApp", "RegisteredApp"]
