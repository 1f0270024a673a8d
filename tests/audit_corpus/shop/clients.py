"""The clients of the shop."""

from django.conf import settings

from stemp_sdk import Stemp, presets

till = Stemp("sk_live_x", scopes=presets.POS)


def get_client() -> Stemp:
    return Stemp(settings.STEMP_TOKEN)


def make():
    return get_client()
